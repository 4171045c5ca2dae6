import { Packet } from 'dns2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeQuery, type Reading, readResponse } from '../../../src/doors/dns/message.ts';
import { respond } from './fake-resolver.ts';

const asked = { id: 0x1234, name: 'db.example.com', type: 'A' as const };
const query = encodeQuery(Packet, { ...asked, edns: true }) as Buffer;
const read = (message: Buffer, type: 'A' | 'AAAA' | 'PTR' = 'A'): Reading =>
  readResponse(Packet, message, { ...asked, type });
function response(message: Buffer) {
  const reading = read(message);
  if (reading.kind !== 'response') throw new Error(`${reading.kind}: ${reading.why}`);
  return reading.response;
}
/** Appends an OPT record with these options to a response. */
function withOptions(message: Buffer, options: [code: number, data: Buffer][], extendedRcode = 0): Buffer {
  const data = Buffer.concat(
    options.map(([code, octets]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16BE(code, 0);
      head.writeUInt16BE(octets.length, 2);
      return Buffer.concat([head, octets]);
    }),
  );
  const opt = Buffer.from([0, 0, 41, 4, 0xd0, extendedRcode, 0, 0, 0, 0, 0]);
  opt.writeUInt16BE(data.length, 9);
  const result = Buffer.concat([message, opt, data]);
  result.writeUInt16BE(result.readUInt16BE(10) + 1, 10);
  return result;
}
const extendedError = (code: number, text: string): [number, Buffer] => {
  const data = Buffer.alloc(2 + Buffer.byteLength(text));
  data.writeUInt16BE(code);
  data.write(text, 2);
  return [15, data];
};

describe('addresses', () => {
  test('belong to the end of the CNAME chain, in whatever order the records come', () => {
    const message = respond(query, [
      { name: 'b.example.net', type: 1, address: '192.0.2.7', ttl: 20 },
      { name: 'stray.example.org', type: 1, address: '192.0.2.66' },
      { name: 'a.example.net', type: 5, domain: 'b.example.net', ttl: 10 },
      { type: 5, domain: 'a.example.net', ttl: 300 },
    ]);
    expect(response(message)).toMatchObject({
      addresses: ['192.0.2.7'],
      cnames: ['a.example.net', 'b.example.net'],
      ttlSeconds: 10,
      damage: null,
    });
  });

  test('a CNAME that leads nowhere leaves the alias and no address', () => {
    const message = respond(query, [{ type: 5, domain: 'gone.example.net' }], { rcode: 3 });
    expect(response(message)).toMatchObject({
      rcode: 'NXDOMAIN',
      addresses: [],
      cnames: ['gone.example.net'],
    });
  });

  test('a CNAME loop ends', () => {
    const message = respond(query, [
      { type: 5, domain: 'a.example.net' },
      { name: 'a.example.net', type: 5, domain: 'db.example.com' },
    ]);
    expect(response(message)).toMatchObject({ addresses: [], cnames: ['a.example.net', 'db.example.com'] });
  });

  test('a record with the wrong length for its type is left out and named', () => {
    const message = respond(query, [
      { type: 1, address: '192.0.2.8' },
      { type: 1, address: '192.0.2.7' },
    ]);
    // The last record's RDLENGTH becomes 3, and its data a octet shorter.
    message.writeUInt16BE(3, message.length - 6);
    const { addresses, damage } = response(message.subarray(0, -1));
    expect(addresses).toEqual(['192.0.2.8']);
    expect(damage).toContain('type 1');
  });
});

describe('extended errors', () => {
  test('are read behind other options, text and all', () => {
    const message = withOptions(respond(query, [], { rcode: 2 }), [
      [10, Buffer.from('0102030405060708', 'hex')],
      extendedError(9, 'no DNSKEY matches DS'),
      extendedError(22, ''),
    ]);
    expect(response(message)).toMatchObject({
      rcode: 'SERVFAIL',
      extendedErrors: [
        { code: 9, text: 'no DNSKEY matches DS' },
        { code: 22, text: '' },
      ],
    });
  });

  test('with a length beyond the record are cut, not trusted', () => {
    const message = withOptions(respond(query), [extendedError(18, 'abc')]);
    message.writeUInt16BE(0xffff, message.length - 7);
    expect(response(message).extendedErrors).toEqual([{ code: 18, text: 'abc' }]);
  });

  test('the upper bits of the rcode come from the OPT record', () => {
    expect(response(withOptions(respond(query), [], 1)).rcode).toBe('BADVERS');
  });
});

describe('any octets at all', () => {
  const samples = [
    respond(query, [
      { type: 5, domain: 'a.example.net' },
      { name: 'a.example.net', type: 1, address: '192.0.2.7' },
    ]),
    withOptions(respond(query, [], { rcode: 2 }), [extendedError(6, 'bogus')]),
    respond(query, [{ type: 1, address: '192.0.2.7' }], { tc: 1 }),
    query,
  ];
  const mutation = fc.record({ at: fc.nat(200), octet: fc.integer({ min: 0, max: 255 }) });

  test('mutated responses never throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(mutation, { maxLength: 12 }),
        fc.nat(120),
        fc.constantFrom('A' as const, 'AAAA' as const, 'PTR' as const),
        (sample, mutations, cut, type) => {
          const message = Buffer.from(sample.subarray(0, Math.max(0, sample.length - Math.max(0, cut - 60))));
          for (const { at, octet } of mutations) if (at < message.length) message[at] = octet;
          return ['response', 'ignored', 'malformed'].includes(read(message, type).kind);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test('random octets behind a right header never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (octets, repeatsQuestion) => {
        const start = repeatsQuestion ? respond(query).subarray(0, 12 + 20) : Buffer.alloc(12);
        start.writeUInt16BE(asked.id, 0);
        start.writeUInt16BE(0x8180, 2);
        start.writeUInt16BE(Math.floor(octets.length / 30), 6);
        return ['response', 'malformed'].includes(read(Buffer.concat([start, octets])).kind);
      }),
      { numRuns: 3000 },
    );
  });

  test('64 KiB of records whose names are chains of pointers cost less than the work of a thousand good ones', () => {
    const head = respond(query);
    const chain: number[] = [];
    for (let at = head.length + 11; at < 16_000; at += 2) chain.push(0xc0 | ((at - 2) >> 8), (at - 2) & 0xff);
    chain[0] = 0;
    chain[1] = 0;
    const junk = Buffer.from([0, 0, 99, 0, 1, 0, 0, 0, 0, chain.length >> 8, chain.length & 0xff, ...chain]);
    const last = head.length + junk.length - 2;
    const record = Buffer.from([0xc0 | (last >> 8), last & 0xff, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4]);
    const message = Buffer.concat([head, junk, ...Array<Buffer>(900).fill(record)]);
    message.writeUInt16BE(901, 6);
    expect(read(message)).toMatchObject({ kind: 'malformed' });
  });

  test('a pointer loop is malformed', () => {
    const message = respond(query, [{ type: 1, address: '192.0.2.7' }]);
    // The owner name of the answer points at itself.
    message.writeUInt16BE(0xc000 | (message.length - 16), message.length - 16);
    expect(read(message)).toMatchObject({ kind: 'malformed' });
  });
});
