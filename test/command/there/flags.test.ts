import { describe, expect, it } from 'vitest';
import { parseArgv } from '../../../src/command/flags.ts';

const parse = (line: string) => parseArgv(line.split(' '), '0.0.0');

describe('flags of the other end', () => {
  it.each([
    ['--knock case.json --for 12s', { kind: 'knock', file: 'case.json', forMs: 12_000 }],
    ['--merge case.json a.txt b.txt', { kind: 'merge', file: 'case.json', answers: ['a.txt', 'b.txt'] }],
    ['--here 443 --for 2m', { kind: 'here', file: null, port: 443, forMs: 120_000, traceRules: false }],
    [
      '--here case.json --trace-rules',
      { kind: 'here', file: 'case.json', port: null, forMs: 8000, traceRules: true },
    ],
    ['--listen 8443 --on 192.0.2.7', { kind: 'listen', port: 8443, address: '192.0.2.7', forMs: null }],
    ['--listen 8443 --any', { kind: 'listen', port: 8443, address: '::', forMs: null }],
  ])('%s', (line, job) => {
    expect(parse(line)).toMatchObject({ kind: 'there', job });
  });
  it.each([
    ['--merge case.json', 'at least one answer'],
    ['--listen 8443', '--on 192.0.2.7'],
    ['--listen 8443 --on 0.0.0.0', '--any'],
    ['--listen 99999 --on 192.0.2.7', '1 to 65535'],
    ['--knock case.json --for 3h', '1s to 10m'],
    ['--diagnose x:1 --ask-there kit.py', '.sh or .ps1'],
    ['--diagnose x:1 --there ssh:-oProxyCommand=x', 'no way to another machine'],
    ['--here', 'a case or a port'],
  ])('%s gets a sentence', (line, words) => {
    const parsed = parse(line);
    expect(parsed.kind).toBe('bad');
    expect('error' in parsed ? parsed.error : '').toContain(words);
  });
});
