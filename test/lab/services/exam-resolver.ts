/**
 * A DNS server that is odd in its own ways: `node exam-resolver.js CONFIG.json` (UDP and TCP 53).
 * Beside resolver.ts, which has the plain ways to fail.
 */
import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import net from 'node:net';

interface Odd {
  address: string;
  records: Record<string, { a?: string[]; aaaa?: string[]; cname?: string }>;
  /** Every name that is not in `records` has these records. */
  wildcard?: { a?: string[]; aaaa?: string[] };
  /** Response code of every answer to that type. */
  rcodeOf?: { A?: number; AAAA?: number };
  delayMs?: number;
  /** Over UDP: no records and the TC bit. */
  truncates?: boolean;
  /** Over UDP: octets that are no DNS message. */
  garbage?: boolean;
  /** UDP answers leave from this address instead of the one that was asked. */
  answersFrom?: string;
  extendedError?: { code: number; text: string };
  /** FORMERR to whoever asks with EDNS, as servers of before 1999. */
  oldServer?: boolean;
  /** Never a word to a question for AAAA. */
  silentToAaaa?: boolean;
}
const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Odd;
const TYPE = { A: 1, CNAME: 5, AAAA: 28, OPT: 41 };

const u16 = (n: number): Buffer => Buffer.of(n >> 8, n & 255);
const nameOctets = (name: string): Buffer =>
  Buffer.concat([
    ...name
      .split('.')
      .filter(Boolean)
      .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')])),
    Buffer.of(0),
  ]);
const record = (name: string, type: number, data: Buffer): Buffer =>
  Buffer.concat([nameOctets(name), u16(type), u16(1), Buffer.of(0, 0, 0, 60), u16(data.length), data]);
function ipv6(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): number[] =>
    text
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail)];
  return Buffer.concat(
    [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right].map(u16),
  );
}

function reply(query: Buffer, overUdp: boolean): Buffer {
  if (overUdp && config.garbage) return Buffer.from('\x16\x03\x01 this is not DNS at all', 'latin1');
  let end = 12;
  const labels: string[] = [];
  while ((query[end] ?? 0) > 0) {
    const length = query[end] ?? 0;
    labels.push(query.toString('latin1', end + 1, end + 1 + length));
    end += length + 1;
  }
  end += 5;
  const type = query.readUInt16BE(end - 4);
  let owner = labels.join('.').toLowerCase();
  const answers: Buffer[] = [];
  const code = type === TYPE.A ? config.rcodeOf?.A : type === TYPE.AAAA ? config.rcodeOf?.AAAA : undefined;
  let rcode = code ?? 0;
  const old = config.oldServer === true && query.readUInt16BE(10) > 0;
  if (old) rcode = 1;
  const truncated = overUdp && config.truncates === true;
  if (code === undefined && !truncated && !old) {
    let found = config.records[owner];
    while (found?.cname && answers.length < 8) {
      answers.push(record(owner, TYPE.CNAME, nameOctets(found.cname)));
      owner = found.cname;
      found = config.records[owner];
    }
    found ??= config.wildcard;
    if (!found) rcode = 3;
    if (type === TYPE.A)
      for (const a of found?.a ?? [])
        answers.push(record(owner, type, Buffer.from(a.split('.').map(Number))));
    if (type === TYPE.AAAA) for (const a of found?.aaaa ?? []) answers.push(record(owner, type, ipv6(a)));
  }
  const additional: Buffer[] = [];
  if (query.readUInt16BE(10) > 0 && !old) {
    const text = Buffer.from(config.extendedError?.text ?? '');
    const option = config.extendedError
      ? Buffer.concat([u16(15), u16(2 + text.length), u16(config.extendedError.code), text])
      : Buffer.alloc(0);
    additional.push(
      Buffer.concat([Buffer.of(0), u16(TYPE.OPT), u16(1232), Buffer.alloc(4), u16(option.length), option]),
    );
  }
  return Buffer.concat([
    query.subarray(0, 2),
    u16(0x8180 | rcode | (truncated ? 0x0200 : 0)),
    u16(1),
    u16(answers.length),
    u16(0),
    u16(additional.length),
    query.subarray(12, end),
    ...answers,
    ...additional,
  ]);
}

function isUnwanted(query: Buffer): boolean {
  let end = 12;
  while ((query[end] ?? 0) > 0) end += (query[end] ?? 0) + 1;
  return config.silentToAaaa === true && query.readUInt16BE(end + 1) === TYPE.AAAA;
}

const later = (send: () => void): NodeJS.Timeout => setTimeout(send, config.delayMs ?? 0);
const kind = net.isIPv6(config.address) ? 'udp6' : 'udp4';
const udp = dgram.createSocket(kind);
const mouth = config.answersFrom ? dgram.createSocket(kind) : udp;
if (config.answersFrom) mouth.bind(53, config.answersFrom);
udp.on('message', (query, peer) => {
  if (query.length < 17 || isUnwanted(query)) return;
  const answer = reply(query, true);
  later(() => mouth.send(answer, peer.port, peer.address));
});
udp.bind(53, config.address);
net
  .createServer((socket) => {
    socket.on('error', () => socket.destroy()); // the client went away: its answer has no reader
    socket.on('data', (data) => {
      if (data.length < 19 || isUnwanted(data.subarray(2))) return;
      const answer = reply(data.subarray(2), false);
      later(() => socket.write(Buffer.concat([u16(answer.length), answer])));
    });
  })
  .listen(53, config.address);
