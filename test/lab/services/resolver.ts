/**
 * A DNS server of a scenario on UDP and TCP port 53: `node resolver.js CONFIG.json`, CONFIG = Resolver of scenario.ts.
 * Its own few lines of wire format (RFC 1035), so that it starts in no time and can misbehave on purpose.
 */
import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Resolver } from '../scenario.ts';

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Resolver & { address: string };
const A = 1;
const CNAME = 5;
const SOA = 6;
const AAAA = 28;
const OPT = 41;

const encodeName = (name: string) =>
  Buffer.concat([
    ...name
      .split('.')
      .filter(Boolean)
      .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.of(0),
  ]);

function record(name: string, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(300, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), head, data]);
}

function ipv6Octets(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) =>
    text
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const left = groups(head);
  const right = groups(tail);
  const all = address.includes('::')
    ? [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
    : left;
  const octets = Buffer.alloc(16);
  for (const [i, group] of all.entries()) octets.writeUInt16BE(group, i * 2);
  return octets;
}

function reply(query: Buffer): Buffer | null {
  if (query.length < 17 || config.mode === 'silent') return null;
  let end = 12;
  const labels: string[] = [];
  while (end < query.length && (query[end] ?? 0) > 0) {
    const length = query[end] ?? 0;
    labels.push(query.toString('latin1', end + 1, end + 1 + length));
    end += length + 1;
  }
  end += 5;
  const name = labels.join('.').toLowerCase();
  const type = query.readUInt16BE(end - 4);
  const answers: Buffer[] = [];
  const authority: Buffer[] = [];
  let rcode = 0;
  if (config.mode === 'servfail') rcode = 2;
  else if (config.mode === 'refused') rcode = 5;
  else {
    let owner = name;
    let found = config.records?.[owner];
    while (found?.cname && answers.length < 8) {
      answers.push(record(owner, CNAME, encodeName(found.cname)));
      owner = found.cname;
      found = config.records?.[owner];
    }
    if (!found) rcode = 3;
    if (type === A)
      for (const a of found?.a ?? []) answers.push(record(owner, A, Buffer.from(a.split('.').map(Number))));
    if (type === AAAA) for (const a of found?.aaaa ?? []) answers.push(record(owner, AAAA, ipv6Octets(a)));
    if (answers.length === 0) {
      const soa = Buffer.concat([
        encodeName('ns.lab'),
        encodeName('root.lab'),
        Buffer.from('0000000100000e1000000384000093a80000003c', 'hex'),
      ]);
      authority.push(record('lab', SOA, soa));
    }
  }
  const additional: Buffer[] = [];
  if (query.readUInt16BE(10) > 0) {
    const text = Buffer.from(config.extendedError?.text ?? '', 'utf8');
    const option = config.extendedError ? Buffer.alloc(6) : Buffer.alloc(0);
    if (config.extendedError) {
      option.writeUInt16BE(15, 0);
      option.writeUInt16BE(2 + text.length, 2);
      option.writeUInt16BE(config.extendedError.code, 4);
    }
    const data = Buffer.concat([option, text]);
    const opt = Buffer.alloc(11);
    opt.writeUInt16BE(OPT, 1);
    opt.writeUInt16BE(1232, 3);
    opt.writeUInt16BE(data.length, 9);
    additional.push(Buffer.concat([opt, data]));
  }
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | rcode, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  head.writeUInt16BE(authority.length, 8);
  head.writeUInt16BE(additional.length, 10);
  return Buffer.concat([head, query.subarray(12, end), ...answers, ...authority, ...additional]);
}

const later = (send: () => void) => setTimeout(send, config.delayMs ?? 0);

const udp = dgram.createSocket(net.isIPv6(config.address) ? 'udp6' : 'udp4');
udp.on('message', (query, peer) => {
  const answer = reply(query);
  if (answer) later(() => udp.send(answer, peer.port, peer.address));
});
udp.bind(53, config.address);
net
  .createServer((socket) => {
    socket.on('error', () => socket.destroy()); // the client went away: its answer has no reader
    socket.on('data', (data) => {
      const answer = reply(data.subarray(2));
      if (!answer) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      later(() => socket.write(Buffer.concat([length, answer])));
    });
  })
  .listen(53, config.address);
