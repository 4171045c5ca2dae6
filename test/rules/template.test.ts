import { describe, expect, test } from 'vitest';
import { commandLine, inGeneral, placeholdersOf, sentence } from '../../src/judge/rules/template.ts';

const facts = {
  host: 'db.example',
  port: 5432,
  'path.target.lastHop': 3,
  'path.target.lastAddress': null,
  'rtt.ms': 12.3456,
  'small.ms': 0.4231,
  'big.ms': 3061.7,
  'ping.replies': true,
  banner: "x'; rm -rf ~ #",
};

describe('sentences', () => {
  test.each([
    ['TCP {port} of {host}', 'TCP 5432 of db.example'],
    ['hop {path.target.lastHop} ({path.target.lastAddress})', 'hop 3 (unknown)'],
    ['after {path.target.lastAddress|the last router}', 'after the last router'],
    ['{path.target.lastHop|the last hop}', '3'],
    ['{rtt.ms} ms, {small.ms} ms, {big.ms} ms', '12.3 ms, 0.42 ms, 3062 ms'],
    ['replies: {ping.replies}', 'replies: yes'],
    ['literal {{port}}', 'literal {port}'],
    ["nft { 80, 443 } and awk '{print $1}' stay", "nft { 80, 443 } and awk '{print $1}' stay"],
  ])('%s', (template, expected) => {
    expect(sentence(template, facts)).toBe(expected);
  });

  test.each([
    ['ntp', 'NTP'],
    ['wireguard', 'WireGuard'],
    ['postgresql', 'PostgreSQL'],
    ['syslog', 'syslog'],
    ['toString', 'toString'],
  ])('the service %s is spelt %s', (service, spelt) => {
    expect(sentence('{service} runs over UDP', { service })).toBe(`${spelt} runs over UDP`);
  });

  test('protocols stand as people spell them, and nothing else does', () => {
    const spoken = {
      'service.expected': 'postgresql',
      'service.heard': 'tls',
      'path.other.protocol': 'udp',
      host: 'redis',
    };
    expect(sentence('{service.expected}, {service.heard}, {path.other.protocol} of {host}', spoken)).toBe(
      'PostgreSQL, TLS, UDP of redis',
    );
    expect(commandLine('openssl s_client -starttls {service.expected}', spoken)).toContain(' postgresql');
  });

  test('a value is not read as a template again', () => {
    expect(sentence('{host}', { host: '{port} $& $1', port: 1 })).toBe('{port} $& $1');
  });
});

describe('commands', () => {
  test('what is not known becomes a word to replace', () => {
    expect(commandLine('ping {path.target.lastAddress}', facts)).toBe('ping LAST_ADDRESS');
  });
  test('text that a shell could read as more than a word never gets in', () => {
    expect(commandLine("grep '{banner}' log", facts)).toBe("grep 'BANNER' log");
    expect(commandLine('ping {host}', { host: '-oProxyCommand=x' })).toBe('ping HOST');
    expect(commandLine('ping {host}', { host: 'a\nb' })).toBe('ping HOST');
  });
  test('addresses, zones and names pass', () => {
    expect(commandLine('ping {host}', { host: 'fe80::1%eth0' })).toBe('ping fe80::1%eth0');
  });
});

test('placeholders are found with their offsets', () => {
  expect(placeholdersOf('a {port} {{no}} {host|x} { y }')).toEqual([
    { name: 'port', offset: 2 },
    { name: 'host', offset: 16 },
  ]);
});

test('a title in general has words in capitals', () => {
  expect(inGeneral('dropped after {path.target.lastAddress}')).toBe('dropped after LAST_ADDRESS');
});
