import { describe, expect, it } from 'vitest';
import { readTargetList } from '../../../src/command/many/target-list.ts';
import { isUsageError } from '../../../src/command/usage-error.ts';

const causes = new Set(['port-closed', 'network-firewall-drop']);

async function entries(text: string, file = 'list.txt') {
  const read = await readTargetList(text, file, { causes });
  if (isUsageError(read)) throw new Error(read.error);
  return read.map(({ target: { host, port }, expected: { state, cause, withinMs } }) =>
    [`${host}:${port}`, state, cause, withinMs].filter((one) => one !== null),
  );
}
async function refusal(text: string, file = 'list.txt'): Promise<string[]> {
  const read = await readTargetList(text, file, { causes });
  if (!isUsageError(read)) throw new Error('accepted');
  return read.error.split('\n');
}

const WANTED = [
  ['db.example.com:5432', 'reachable', 2000],
  ['db.example.com:22', 'filtered'],
  ['[2001:db8::7]:443', 'reachable'],
  ['old.example.com:80', 'refused', 'port-closed'],
].map(([target, ...rest]) => [String(target).replace(/^\[(.*)\]/, '$1'), ...rest]);

describe('a list of targets', () => {
  it('lines, with comments and name=value', async () => {
    const text =
      '\ufeff# ours\n\ndb.example.com:5432 within=2s # quick\r\ndb 22 expect=filtered\n[2001:db8::7]:443\n  old.example.com:80 expect=refused cause=port-closed';
    expect(await entries(text.slice(1).replace('db 22', 'db.example.com 22'))).toEqual(WANTED);
  });

  it('CSV with a head, by its ending or by its first line', async () => {
    const text =
      'target,expect,cause,within\ndb.example.com:5432,,,2s\n"db.example.com:22",filtered\n[2001:db8::7]:443\nold.example.com:80,refused,port-closed,\n';
    expect(await entries(text, 'list.csv')).toEqual(WANTED);
    expect(await entries(text, 'standard input')).toEqual(WANTED);
    expect(await entries(text.replaceAll(',', ';'), 'list.csv')).toEqual(WANTED);
  });

  it('YAML, as a list or below targets', async () => {
    const text = `- target: db.example.com:5432
  within: 2s
- { target: "db.example.com:22", expect: filtered }
- "[2001:db8::7]:443"
# comment
- target: old.example.com:80
  expect: refused
  cause: port-closed
`;
    expect(await entries(text, 'list.yaml')).toEqual(WANTED);
    expect(await entries(`targets:\n${text.replace(/^/gm, '  ')}`, 'standard input')).toEqual(WANTED);
  });

  it('every bad line has one sentence with its place', async () => {
    const text = [
      'good.example.com:1',
      'nothing',
      'a.example:443 expect=closed',
      'a.example:443 expcet=refused',
      'a.example:443 cause=no-such-cause expect=refused',
      'a.example:443 cause=port-closed',
      'a.example:443 within=soon',
      'a.example:443 expect=filtered within=2s',
      'a.example:443 from=ssh:jump within=2s',
      'a.example:443 from=nowhere',
      'https://user:secret@a.example/?token=secret expect=x',
      'a.example:443 expect=refused expect=filtered',
    ].join('\n');
    const said = await refusal(text);
    expect(said).toMatchSnapshot();
    expect(said.map((line) => /^list\.txt:(\d+): /.exec(line)?.[1])).toEqual([
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
      '11',
      '12',
    ]);
    expect(said.join('\n')).not.toContain('secret');
  });

  it('CSV and YAML that are broken are told with their line', async () => {
    expect(await refusal('host,port\na,1\n', 'x.csv')).toMatchSnapshot();
    expect(await refusal('target,expct\na.example:1,refused\n', 'x.csv')).toMatchSnapshot();
    expect(await refusal('target\na.example:1,refused\n"b', 'x.csv')).toMatchSnapshot();
    expect(await refusal('- target: a.example:1\n  expect: [a]\n- 7: x\n- []', 'x.yml')).toMatchSnapshot();
    expect(await refusal('a: [', 'x.yml')).toMatchSnapshot();
    expect(await refusal('a: b', 'x.yml')).toMatchSnapshot();
    expect(await refusal('['.repeat(50_000), 'x.yml')).toContainEqual(
      expect.stringContaining('nested too deeply'),
    );
    expect(await refusal('- target: "https://user:secret@a.example', 'x.yml')).toEqual([
      expect.not.stringContaining('secret'),
    ]);
  });

  it('an empty list and one that is too long are refused', async () => {
    expect(await refusal('# nothing\n\n')).toEqual([
      'list.txt has no target in it: write one a line, as in example.com:443.',
    ]);
    const [said] = await refusal('a.example:1\n'.repeat(10_001));
    expect(said).toContain('10001 targets');
    const many = await refusal('nothing\n'.repeat(100));
    expect(many).toHaveLength(21);
    expect(many.at(-1)).toBe('list.txt: 80 more lines are wrong.');
  });
});
