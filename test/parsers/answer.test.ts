import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cksum, parseAnswer } from '../../src/parsers/answer.ts';

const DOCUMENT = {
  schema: 'reachdoctor.answer/1',
  case: '0123456789abcdef0123456789abcdef',
  by: 'kit.sh',
  privileges: 'root',
  capture: 'tcpdump',
  from: 1795788038,
  to: 1795788042,
  target: '10.9.0.1',
  port: 80,
  system: ['Linux 6.18'],
  listens: ['127.0.0.1:80 0 511', '*:80 129 128', '[::1]:80 0 5', 'hex:0100007F:0050 - -'],
  halfOpen: ['10.9.0.2:40000'],
  addresses: ['10.9.0.1/24 eth0', 'fe80::1/64 eth0'],
  route: ['10.9.0.2 from 10.9.0.1 dev eth0 uid 0'],
  settings: [
    'ipv4/ip_forward 1',
    'netfilter/nf_conntrack_count 9',
    'netfilter/nf_conntrack_max 9',
    'ipv4/conf/eth0/rp_filter 1',
  ],
  counters: ['Ip.InReceives,9', 'nonsense', 'A,b'],
  quiet: [],
  packets: [
    '1795788039.547140,In,eth0,10.9.0.2,52636,10.9.0.1,80,S,64,64800,1200,436565075',
    '1795788039.950521,Out,eth0,10.9.0.1,80,10.9.0.2,52636,S.,64,65160,1460,86740108',
    '1795788040.1,Out,eth0,10.9.0.1,-,10.9.0.2,-,icmp:prohibited,64,-,-,-',
    'not,a,packet',
  ],
  grew: ['nft,inet,filter,input,2,3', 'iptables,filter,INPUT,0,6'],
  trace: [],
  rules: {},
  notChecked: [],
};

const json = (more: object = {}) =>
  JSON.stringify({ ...DOCUMENT, ...more })
    .replaceAll(' ', '\\u0020')
    .replaceAll('>', '\\u003e');
const framed = (body: string, wrap = 68) =>
  [
    '-----BEGIN REACHDOCTOR ANSWER-----',
    ...(body.match(new RegExp(`.{1,${wrap}}`, 'g')) ?? []),
    `-----END REACHDOCTOR ANSWER ${cksum(body)}-${body.length}-----`,
  ].join('\n');
const read = (text: string) => {
  const result = parseAnswer(text);
  if ('refused' in result) throw new Error(result.refused);
  return result.answer;
};

describe('an answer', () => {
  it('is read, and what no kit writes is left out', () => {
    const { otherEnd, caseId } = read(framed(json()));
    expect(caseId).toBe(DOCUMENT.case);
    expect(otherEnd.listens.map(({ address }) => address)).toEqual([
      '127.0.0.1',
      '0.0.0.0',
      '::',
      '::1',
      '127.0.0.1',
    ]);
    expect(otherEnd.packets?.map(({ kind, way }) => [kind, way])).toEqual([
      ['syn', 'in'],
      ['syn-ack', 'out'],
      ['icmp', 'out'],
    ]);
    expect(otherEnd.grew[0]).toEqual({
      tool: 'nftables',
      table: 'inet filter',
      chain: 'input',
      rule: 2,
      packets: 3,
    });
    expect(otherEnd.counters).toEqual({ 'Ip.InReceives': 9 });
    expect(otherEnd).toMatchObject({
      forwards: true,
      conntrack: { count: 9, most: 9 },
      reversePathFilter: { eth0: 1 },
    });
    expect(otherEnd.routeBack).toEqual({ kind: 'unicast', device: 'eth0' });
  });

  it('survives quoting, wrapping and whatever stands around it', () => {
    const mail = (wrap: number, quote: string, end: string) =>
      [
        'Hi,',
        '',
        'here it is:',
        ...framed(json(), wrap)
          .split('\n')
          .map((line) => `${quote}${line}`),
        '',
        '-- ',
        'Ann',
      ].join(end);
    for (const wrap of [5, 40, 68, 5000])
      for (const quote of ['', '> ', '>> ', ' | > '])
        for (const end of ['\n', '\r\n']) expect(read(mail(wrap, quote, end))).toEqual(read(framed(json())));
  });

  it.each([
    ['no-answer', ''],
    ['no-answer', 'x'.repeat(64 * 1024)],
    ['cut', '-----BEGIN REACHDOCTOR ANSWER-----\n{"schema":'],
    ['cut', framed(json()).split('\n').toSpliced(4, 1).join('\n')],
    ['altered', framed(json()).replace('10.9.0.2', '10.9.0.3')],
    ['altered', framed(json()).replace('"by"', '"by\u202e"')],
    ['too-long', framed(json({ notChecked: ['x'.repeat(17_000)] }))],
    ['too-long', 'x'.repeat(2 * 1024 * 1024)],
    ['not-json', framed('{')],
    ['malformed', framed('[]')],
    ['other-schema', framed('{"schema":"reachdoctor.answer/9"}')],
    ['malformed', framed(json({ case: '../../etc/passwd' }))],
    ['malformed', framed(json({ target: '-oProxyCommand=x' }))],
    ['malformed', framed(json({ port: 70000 }))],
    ['malformed', framed(json({ packets: 'many' }))],
  ])('is refused: %s', (refused, text) => {
    expect(parseAnswer(text)).toEqual({ refused });
  });

  it('of anything at all is read or refused, never thrown, and holds no control character', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(DOCUMENT)), fc.jsonValue()), (more) => {
        const body = json(more as object).replace(/[^\x21-\x7e]/g, '');
        const result = parseAnswer(framed(body));
        expect(JSON.stringify(result)).not.toMatch(/\\u00[01]/);
      }),
    );
  });

  it.each([
    ['', 4294967295],
    ['123456789', 930766865],
  ])('cksum of %j is what cksum(1) prints', (text, sum) => {
    expect(cksum(text)).toBe(sum);
  });
});
