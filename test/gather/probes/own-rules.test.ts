import { describe, expect, it } from 'vitest';
import type { CommandResult, Doors } from '../../../src/doors/types.ts';
import { ownRules } from '../../../src/gather/probes/own-rules.ts';

const listing = (packets: number) =>
  JSON.stringify({
    nftables: [
      { chain: { family: 'inet', table: 'f', name: 'o', hook: 'output', type: 'filter', prio: 0 } },
      {
        rule: {
          ...{ family: 'inet', table: 'f', chain: 'o', handle: 4 },
          expr: [{ counter: { packets, bytes: 0 } }, { drop: null }],
        },
      },
    ],
  });
const saved = (packets: number) =>
  `*filter\n:OUTPUT DROP [${packets}:0]\n-A OUTPUT -p udp -j ACCEPT\nCOMMIT\n`;

/** Programs by name; what they print may change once a connection was made. */
async function probed(says: (line: string, connected: boolean) => Partial<CommandResult> | string) {
  const asked: string[] = [];
  let connected = false;
  const doors = {
    platform: 'linux',
    connectTcp: async () => {
      connected = true;
      return { outcome: 'timeout', code: null, elapsedMs: 300, local: null };
    },
    runCommand: async ({ file, args }: { file: string; args: string[] }) => {
      const commandLine = [file, ...args].join(' ');
      asked.push(commandLine);
      const said = says(commandLine, connected);
      const done = { status: 'done', exitCode: 0, stdout: '', stderr: '', commandLine };
      return { ...done, ...(typeof said === 'string' ? { stdout: said } : said) };
    },
  } as unknown as Doors;
  const finding = await ownRules(
    { address: '192.0.2.7', port: 8080, timeoutMs: 300 },
    { doors, signal: new AbortController().signal, partial: () => {} },
  );
  return { finding, asked };
}

describe("this machine's own rules", () => {
  it('are read before and after one connection, and what grew is told', async () => {
    const { finding, asked } = await probed((line, connected) =>
      line === 'nft -j list ruleset'
        ? listing(connected ? 3 : 2)
        : line === 'iptables-save -c'
          ? saved(connected ? 9 : 7)
          : '',
    );
    expect(finding.outcome).toBe('read');
    expect(finding.data?.grew).toEqual([
      { tool: 'nftables', table: 'inet f', chain: 'o', rule: 4, packets: 1 },
      { tool: 'iptables', table: 'filter', chain: 'OUTPUT', rule: 0, packets: 2 },
    ]);
    expect(new Set(asked)).toEqual(
      new Set([
        'nft -j list ruleset',
        'nft --debug=netlink list ruleset',
        'iptables-save -c',
        'ip6tables-save -c',
      ]),
    );
  });
  it('stay unknown where this user may not read them, and nothing is connected', async () => {
    const { finding } = await probed(() => ({ exitCode: 1, stderr: 'Operation not permitted' }));
    expect(finding).toMatchObject({ outcome: 'not-available', data: null, enable: 'sudo reachdoctor ...' });
  });
  it('stay unknown where no tool lists them', async () => {
    const { finding } = await probed(() => ({ status: 'missing', exitCode: null }));
    expect(finding).toMatchObject({ outcome: 'not-available', data: null });
  });
  it('of iptables alone leave nftables open: something unread may still drop', async () => {
    const { finding } = await probed((line) =>
      line.startsWith('nft')
        ? { status: 'missing', exitCode: null }
        : line.startsWith('iptables')
          ? saved(1)
          : '',
    );
    expect(finding.data?.ruleset?.chains.some(({ table }) => table === 'not read')).toBe(true);
  });
});
