import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, protocolOf } from '../../src/parsers/first-words.ts';
import { parseHttpHead } from '../../src/parsers/http-response.ts';
import { parseSizedPing } from '../../src/parsers/ping-size.ts';
import { noCommonAlgorithm, parseKexInit, parseSshIdentification } from '../../src/parsers/ssh.ts';
import {
  certificateRequested,
  clientHello,
  parseTlsRecords,
  plainAlert,
} from '../../src/parsers/tls-record.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test('nothing that a stranger sends makes a parser throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(22, 21, 0, 0x53, 0x48, 20),
      (noise, first) => {
        const heard = Uint8Array.from([first, 3, 3, ...noise]);
        protocolOf(heard);
        printable(heard);
        parseHttpHead(heard);
        parseTlsRecords(heard);
        plainAlert(heard);
        certificateRequested(heard, heard, 'TLSv1.2');
        parseSshIdentification(heard);
        const offer = parseKexInit(heard);
        if (offer !== null) noCommonAlgorithm(offer);
        expect(printable(heard)).toMatch(/^[\x20-\x7e]*$/);
      },
    ),
  );
});

describe('first words', () => {
  test.each([
    ['SSH-2.0-OpenSSH_9.2p1\r\n', 'ssh'],
    ['Authorized use only\r\nSSH-2.0-x\r\n', 'ssh'],
    ['HTTP/1.1 400 Bad Request\r\n', 'http'],
    ['220 mail.example.com ESMTP Postfix\r\n', 'smtp'],
    ['220 (vsFTPd 3.0.3)\r\n', 'ftp'],
    ['* OK [CAPABILITY IMAP4rev1] ready\r\n', 'imap'],
    ['+OK Dovecot ready.\r\n', 'pop3'],
    ['+PONG\r\n', 'redis'],
    ['-DENIED Redis is running in protected mode\r\n', 'redis'],
    ['\x15\x03\x01\x00\x02\x02\x46', 'tls'],
    ['\x4a\x00\x00\x00\x0a8.0.36\x00', 'mysql'],
    ['RFB 003.008\n', 'rfb'],
    ['\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x01\xff\xfb\x03rack7 console\r\nlogin: ', 'telnet'],
    ['\xff\xfb\x01', 'telnet'],
    ['\xff\xfb\x90\x64', null],
    ['\xff\xfeT\x00', null],
    ['READY 1.0\n', null],
    ['', null],
  ])('%j is %s', (words, protocol) => {
    expect(protocolOf(bytes(words))).toBe(protocol);
  });
});

test('what Telnet negotiates is left out of its words', () => {
  expect(printable(bytes('\xff\xfd\x01\xff\xfa\x18\x01\xff\xf0\xff\xfb\x03rack7 console\r\nlogin: '))).toBe(
    'rack7 console login:',
  );
});

describe('HTTP', () => {
  test('an unfinished status line is no answer yet', () => {
    expect(parseHttpHead(bytes('HTTP/1.1 200 O'))).toBeNull();
  });
  test('a head without its end is incomplete', () => {
    expect(parseHttpHead(bytes('HTTP/1.1 200 OK\r\nServer: x\r\n'))).toMatchObject({
      status: 200,
      complete: false,
    });
  });
  test('the first of two headers counts, and __proto__ is only a name', () => {
    const head = parseHttpHead(
      bytes('HTTP/1.0 302 Found\r\nLocation: /a\r\nLocation: /b\r\n__proto__: x\r\n\r\n'),
    );
    expect(head?.headers.location).toBe('/a');
    expect(Object.getPrototypeOf(head?.headers)).toBeNull();
  });
});

describe('pings of one size', () => {
  test.each([
    ['1480 bytes from 10.0.9.1: icmp_seq=1 ttl=62 time=0.5 ms', '', { answer: 'reply', from: '10.0.9.1' }],
    [
      '1360 bytes from fd00:20:77:3::50: icmp_seq=1 ttl=61 time=0.3 ms',
      '',
      { answer: 'reply', from: 'fd00:20:77:3::50' },
    ],
    [
      'From 10.0.2.2 icmp_seq=1 Frag needed and DF set (mtu = 1280)',
      '',
      { answer: 'too-big', from: '10.0.2.2', mtu: 1280 },
    ],
    [
      'From fd00::1 icmp_seq=1 Packet too big: mtu=1280',
      '',
      { answer: 'too-big', from: 'fd00::1', mtu: 1280 },
    ],
    ['', 'ping: local error: message too long, mtu=1400', { answer: 'too-big-here', mtu: 1400 }],
    ['From 10.0.1.1 icmp_seq=1 Time to live exceeded', '', { answer: 'time-exceeded', from: '10.0.1.1' }],
    ['From fd00::1 icmp_seq=1 Time exceeded: Hop limit', '', { answer: 'time-exceeded', from: 'fd00::1' }],
    ['From 10.0.1.1 icmp_seq=1 Destination Host Unreachable', '', { answer: 'other', from: '10.0.1.1' }],
    [
      '--- 10.0.9.1 ping statistics ---\n2 packets transmitted, 0 received, 100% packet loss',
      '',
      { answer: 'silence' },
    ],
  ])('%s%s', (stdout, stderr, expected) => {
    expect(parseSizedPing(stdout, stderr)).toMatchObject(expected);
  });
});

describe('ClientHello', () => {
  const random = new Uint8Array(64).fill(7);

  test('is one handshake record with the name in it, or without one', () => {
    for (const serverName of ['www.example.com', null]) {
      const hello = Buffer.from(clientHello({ serverName, random }));
      const [record, ...more] = parseTlsRecords(hello) ?? [];
      expect(more).toEqual([]);
      expect(record).toMatchObject({ type: 'handshake', length: hello.length - 5 });
      expect(hello.includes('www.example.com')).toBe(serverName !== null);
    }
  });

  test('is as long as it is wanted', () => {
    expect(clientHello({ serverName: 'a.test', random, atLeastBytes: 3000 })).toHaveLength(3000);
  });
});
