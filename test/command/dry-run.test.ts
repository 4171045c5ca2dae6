import { describe, expect, it } from 'vitest';
import { commandsOf } from '../../src/command/dry-commands.ts';
import { dryRun } from '../../src/command/dry-run.ts';
import { parseArgv } from '../../src/command/flags.ts';
import { renderDryRun } from '../../src/report/dry-run.ts';

async function dry(target: string, platform: NodeJS.Platform): Promise<string> {
  const invocation = parseArgv(['--dry-run', '--platform', platform, '--diagnose', target], '0');
  if (invocation.kind !== 'dry-run') throw new Error(JSON.stringify(invocation));
  const cases = await dryRun(
    { ...invocation.settings.wish, target: invocation.target, caPem: null },
    platform,
  );
  return renderDryRun(cases, (step) => commandsOf(step, platform), { target, platform });
}
const commandsIn = (text: string): string[] =>
  text.split('\n').flatMap((line) => /^ {6}(?:runs| or ): (\S+)/.exec(line)?.[1] ?? []);

describe('--dry-run', () => {
  it.each([
    ['linux', ['ping', 'ip', 'traceroute', 'mtr'], /powershell|tracert\b|ifconfig/],
    ['darwin', ['ping', 'route', 'traceroute'], /powershell|tracert\b|\bip -j/],
    ['win32', ['ping', 'tracert', 'powershell.exe'], /ifconfig|\bip -j|traceroute/],
  ] as const)('names the commands of %s and no other', async (platform, some, none) => {
    const text = await dry('db.example.com:5432', platform);
    expect(commandsIn(text)).toEqual(expect.arrayContaining([...some]));
    expect(text).not.toMatch(none);
  });

  it('says for each thing that the target may do what is sent, with its reason', async () => {
    const text = await dry('https://db.example.com', 'linux');
    for (const heading of [
      'Always:',
      'If the port accepts connections:',
      'If the port refuses:',
      'If nothing answers:',
    ])
      expect(text).toContain(`\n${heading}\n`);
    expect(text).toMatch(/tcp-1: whether 192\.0\.2\.1 accepts TCP 443\n {6}sends: 3 connections/);
    expect(text).toMatch(/one TLS handshake with 192\.0\.2\.1:443 for db\.example\.com/);
    expect(text).toMatch(/DNS queries for A and AAAA of db\.example\.com/);
  });

  it('says of what a system cannot send that it is not sent', async () => {
    const [linux, mac, windows] = [
      await dry('192.0.2.7:443', 'linux'),
      await dry('192.0.2.7:443', 'darwin'),
      await dry('192.0.2.7:443', 'win32'),
    ];
    expect(linux).toContain('UDP packets to 192.0.2.7:33434 with TTL 1 to 30');
    expect(linux).not.toContain('sends: nothing:');
    for (const text of [mac, windows]) {
      expect(text).toContain('TCP packets to 192.0.2.7:443 with TTL 1 to 30');
      expect(text).toContain('nothing: UDP packets with a short TTL are not made on');
      expect(text).toContain('nothing: this is made on Linux only');
    }
    expect(windows).toContain('GetBestRoute2');
  });

  it('sends no TTL-limited packets where they are forbidden', async () => {
    const invocation = parseArgv(['--dry-run', '--no-ttl-probe', '192.0.2.7:22'], '0');
    if (invocation.kind !== 'dry-run') throw new Error('not understood');
    const cases = await dryRun(
      { ...invocation.settings.wish, target: invocation.target, caPem: null },
      'linux',
    );
    expect(cases.flatMap(({ steps }) => steps).filter(({ probe }) => probe === 'trace-syn')).toEqual([]);
  });

  it.each([
    [['--dry-run'], /needs a target/],
    [['--dry-run', '--platform', 'windows', 'a.example:1'], /--platform "windows" is not known: .*win32/],
    [['--platform', 'win32', 'a.example:1'], /belongs to --dry-run/],
  ])('%j is one sentence', (argv, sentence) => {
    const invocation = parseArgv(argv as string[], '0');
    expect(invocation.kind === 'bad' ? invocation.error : invocation.kind).toMatch(sentence as RegExp);
  });
});
