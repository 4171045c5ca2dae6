import { describe, expect, test } from 'vitest';
import type { Doors, NativeJob, NativeResult } from '../../../src/doors/types.ts';
import { localNetwork } from '../../../src/gather/probes/local-network.ts';

const FIND_NETROUTE =
  '[{"IPAddress":"192.168.1.20","InterfaceAlias":"Ethernet"},{"NextHop":"192.168.1.1","InterfaceAlias":"Ethernet"}]';
const ARP =
  '\r\nSchnittstelle: 192.168.1.20 --- 0xb\r\n  Internetadresse       Physische Adresse     Typ\r\n  192.168.1.1           00-11-22-33-44-55     dynamisch\r\n';

const network = (route: Partial<Extract<NativeResult, { status: 'network' }>['route']>): NativeResult => ({
  status: 'network',
  route: {
    kind: 'unicast',
    device: 'Ethernet',
    gateway: '192.168.1.1',
    source: null,
    onLink: false,
    ...route,
  },
  neighbour: { address: '192.168.1.1', state: 'FAILED' },
  interfaces: [{ name: 'Ethernet', up: true, addresses: [] }],
  resolvers: [],
});

async function asked(native: NativeResult, address = '192.0.2.7') {
  const commands: string[] = [];
  const jobs: NativeJob[] = [];
  const doors = {
    platform: 'win32',
    readText: async () => null,
    interfaces: () => [],
    native: async (job: NativeJob) => {
      jobs.push(job);
      return native;
    },
    runCommand: async ({ file }: { file: string }) => {
      commands.push(file);
      const stdout = file === 'arp' ? ARP : FIND_NETROUTE;
      return { status: 'done', exitCode: 0, stdout, stderr: '', commandLine: file };
    },
  } as unknown as Doors;
  const finding = await localNetwork(
    { address },
    { doors, signal: new AbortController().signal, partial: () => {} },
  );
  return { finding, commands, jobs };
}

describe('the own network on Windows', () => {
  test('is what iphlpapi says, and no program is started', async () => {
    const { finding, commands, jobs } = await asked(network({}));
    expect(finding).toMatchObject({
      outcome: 'measured',
      data: {
        route: { gateway: '192.168.1.1' },
        neighbour: { state: 'FAILED' },
        interfaces: [{ name: 'Ethernet' }],
      },
    });
    expect([commands, jobs]).toEqual([[], [{ job: 'network', address: '192.0.2.7', port: 0 }]]);
  });

  test('no route is an answer', async () => {
    const { finding, commands } = await asked(network({ kind: 'none', device: null, gateway: null }));
    expect(finding.data?.route.kind).toBe('none');
    expect(commands).toEqual([]);
  });

  test.each([
    ['the library is missing', { status: 'unavailable', reason: 'koffi-not-loaded', enable: null }],
    ['it does not tell the route', network({ kind: 'unknown', device: null, gateway: null })],
  ] as const)('is what PowerShell and arp say where %s', async (_, native) => {
    const { finding, commands } = await asked(native as NativeResult);
    expect(finding.data?.route).toMatchObject({
      kind: 'unicast',
      gateway: '192.168.1.1',
      source: '192.168.1.20',
    });
    expect(finding.data?.neighbour?.address).toBe('192.168.1.1');
    expect(commands).toEqual(['powershell.exe', 'arp']);
  });

  test('the zone of a link-local address is kept', async () => {
    expect((await asked(network({}), 'fe80::9%12')).jobs).toEqual([
      { job: 'network', address: 'fe80::9%12', port: 0 },
    ]);
  });
});
