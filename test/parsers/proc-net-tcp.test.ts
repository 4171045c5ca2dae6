import { describe, expect, it } from 'vitest';
import { parseProcTcp, parseSendQueue } from '../../src/parsers/proc-net.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const V4 = [
  HEAD,
  '   0: 0100007F:2328 00000000:0000 0A 00000000:00000081 00:00000000 00000000  1000        0 123 1 0000 100 0 0 10 0',
  '   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 124 1 0000 100 0 0 10 0',
  '   2: 0100007F:2328 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 125 1 0000 20 4 30 10 -1',
].join('\n');
const V6 = [
  HEAD,
  '   0: 00000000000000000000000001000000:2328 00000000000000000000000000000000:0000 0A 00000000:00000002 00:00000000 00000000  0 0 9 1',
  '   1: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 9 1',
  '   2: 0000000000000000FFFF00000100007F:2329 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 9 1',
].join('\n');

describe('/proc/net/tcp', () => {
  it('sockets that listen on the port, with the length of their queue; connections do not count', () => {
    expect(parseProcTcp(V4, 9000)).toEqual([{ address: '127.0.0.1', waiting: 129 }]);
    expect(parseProcTcp(V4, 22)).toEqual([{ address: '0.0.0.0', waiting: 0 }]);
    expect(parseProcTcp(V4, 54321)).toEqual([]);
  });

  it('IPv6, the wildcard and a mapped address', () => {
    expect(parseProcTcp(V6, 9000)).toEqual([{ address: '::1', waiting: 2 }]);
    expect(parseProcTcp(V6, 22)).toEqual([{ address: '::', waiting: 0 }]);
    expect(parseProcTcp(V6, 9001)[0]?.address).toMatch(/ffff/);
  });

  it('nonsense is nobody', () => {
    expect(parseProcTcp('', 22)).toEqual([]);
    expect(parseProcTcp('x: 00:16 y 0A q', 22)).toEqual([]);
    expect(parseProcTcp('   0: 0100007F:0016 0:0 0A zz 0', 22)).toEqual([]);
  });
});

describe('what the far end has not taken', () => {
  const row = (state: string, queue: string) =>
    `${HEAD}\n   4: 3202A8C0:D2F0 500071CB:1F90 ${state} ${queue}:00000000 01:00000014 00000000 0 0 41234 2`;

  it('is the sending queue of the connection between both ports', () => {
    expect(parseSendQueue(row('01', '00000065'), 54_000, 8080)).toBe(101);
    expect(parseSendQueue(row('01', '00000000'), 54_000, 8080)).toBe(0);
  });

  it('is not known of another connection, of one that is over, or of a row that is none', () => {
    expect(parseSendQueue(row('01', '00000065'), 54_001, 8080)).toBeNull();
    expect(parseSendQueue(row('01', '00000065'), 54_000, 8081)).toBeNull();
    expect(parseSendQueue(row('06', '00000065'), 54_000, 8080)).toBeNull();
    expect(parseSendQueue(row('01', 'x'), 54_000, 8080)).toBeNull();
    expect(parseSendQueue('', 54_000, 8080)).toBeNull();
  });
});
