import { describe, expect, it } from 'vitest';
import { EVIDENCE_SCHEMA, wrongPlace } from '../../src/command/evidence-schema.ts';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { reportOf } from '../../src/judge/report-of.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Ruleset } from '../../src/model/ruleset.ts';
import { render } from '../../src/report/index.ts';
import { redactEvidence, redactReport } from '../../src/report/redact.ts';

/** Something unique for every kind of thing that is nobody's business. */
const OWN = ['10.77.1.5', '2001:db8:77:1::5', '198.51.100.130'];
const RESOLVER = '10.77.1.53';
/** The first router's global address has the household's prefix; a neighbour's has the office's. */
const ON_LINK = ['2001:db8:77:1::1', '198.51.100.131'];
const INTERFACE = 'canaryif0';
const HOP = '10.77.9.1';
const HOP_NAME = 'canaryhop.example.net';
const PROXY = 'canaryproxy.example.net';
const SEARCH = 'canarydomain.example';
const HOST_NAME = 'canaryhost.example';
const PATH = '/canarypath/x';
const PEM = 'canarypem';
/** The other end: this client as it is seen there, its addresses and other clients, an interface of its own, where it is. */
const SEEN_AS = '203.0.113.65';
const THERE = ['203.0.113.66', '203.0.113.67'];
const INTERFACE_THERE = 'canaryif7';
const CARRIER = 'canaryuser@canaryjump.example';
const SERVICE = 'canaryservice.example:8443';
const EVERYTHING = [
  SEEN_AS,
  ...THERE,
  `iif ${INTERFACE_THERE}`,
  `${CARRIER}: Permission denied`,
  ...OWN,
  RESOLVER,
  ...ON_LINK,
  '2001:DB8:77:1:0:0:0:ABCD',
  `fe80::77%${INTERFACE}`,
  `dev ${INTERFACE}`,
  HOP_NAME,
  `${PROXY}:3128`,
  `x.${SEARCH}`,
  HOST_NAME,
  '52:54:00:77:77:77',
  '52-54-00-77-77-77',
  `https://db.example.com${PATH}`,
  `"${PATH}"`,
].join(' ');
const CANARY = /canary|10\.77\.|203\.0\.113\.6|2001:0?db8:77|fe80|198\.51\.100\.13|52.54.00.77/gi;

const TARGET = '192.0.2.7';

/** What stands in a text field, by its name. `ours` = words of our own code or of a closed list; nobody's secret. */
const CLASSES: Record<string, 'ours' | 'any' | { is: string | string[] }> = {
  ...Object.fromEntries(
    [
      'os',
      'service',
      'rcode',
      'code',
      'errno',
      'method',
      'state',
      'value',
      'proxyVariables',
      'id',
      'enable',
      'told',
      'weakness',
      'weakExchange',
      'view',
      'views[].name',
      'by',
    ].map((name) => [name, 'ours']),
  ),
  ...Object.fromEntries(
    ['version', 'cipher', 'alpn', 'trustCode', 'localError', 'offered', 'date'].map((name) => [name, 'ours']),
  ),
  ...Object.fromEntries(
    [
      ...[
        'reason',
        'command',
        'raw',
        'text',
        'ignored',
        'cnames',
        'identification',
        'otherText',
        'plainText',
        'tlsRefused',
      ],
      ...[
        'view',
        'views[].name',
        'server',
        'via',
        'proxyAuthenticate',
        'subject',
        'issuer',
        'names',
        'location',
      ],
    ].map((name) => [name, 'any']),
  ),
  // The target, which the report is about.
  host: { is: 'db.example.com' },
  serverName: { is: 'db.example.com' },
  sni: { is: 'db.example.com' },
  httpHost: { is: 'db.example.com' },
  expectedName: { is: 'db.example.com' },
  expectedAddress: { is: TARGET },
  // A host that the user names, to be told apart from the target in what is shared.
  controlHost: { is: 'control.example.com' },
  seenAs: { is: '203.0.113.199' },
  'request.target.input': { is: `https://db.example.com${PATH}` },
  'tcp-connect.input.address': { is: TARGET },
  'system-resolve.data.addresses[].address': { is: TARGET },
  path: { is: PATH },
  httpPath: { is: PATH },
  'hosts-file.data.path': 'ours',
  // This machine.
  caPem: { is: PEM },
  by: { is: `ssh:${CARRIER}` },
  at: { is: SERVICE },
  'vantage.addresses[]': { is: OWN },
  resolvers: { is: RESOLVER },
  resolver: { is: RESOLVER },
  searchDomains: { is: SEARCH },
  device: { is: INTERFACE },
  source: { is: OWN },
  gateway: { is: ON_LINK },
  defaultGateway: { is: ON_LINK },
  'listeners[].address': { is: OWN },
  proxyHost: { is: PROXY },
  'proxy.host': { is: PROXY },
  'proxy.variable': 'ours',
  'interfaces[].name': { is: INTERFACE },
  'interfaces[].addresses[].address': { is: OWN },
  // The other end.
  'case.id': { is: '0123456789abcdef0123456789abcdef' },
  'case.target.address': { is: TARGET },
  'reference.address': { is: TARGET },
  'client.address': { is: OWN },
  'client.seenAs': { is: SEEN_AS },
  timeZone: { is: 'Canary/Zone' },
  'other-end.input.address': { is: TARGET },
  'listens[].address': { is: THERE },
  'other-end.data.addresses[].address': { is: THERE },
  'packets[].from': { is: THERE },
  'packets[].to': { is: THERE },
  halfOpen: { is: THERE },
  'addresses[].device': { is: INTERFACE_THERE },
  'routeBack.device': { is: INTERFACE_THERE },
  'packets[].device': { is: INTERFACE_THERE },
  'reversePathFilter{key}': { is: INTERFACE_THERE },
  'counters{key}': 'ours',
  'quiet{key}': 'ours',
  capture: 'ours',
  system: 'ours',
  tool: 'ours',
  table: 'ours',
  chain: 'ours',
  trace: 'any',
  'data.notChecked[]': 'any',
  'views[].place': 'any',
  // The way.
  address: { is: [...ON_LINK, ...OWN] },
  'addresses[]': { is: [...ON_LINK, ...OWN] },
  from: { is: [HOP, ...ON_LINK] },
  lastAddress: { is: [HOP, ...ON_LINK] },
  'answers[].name': { is: `db.example.com.${SEARCH}` },
  'names{key}': { is: HOP },
  'names{}': { is: HOP_NAME },
};

/** Goes as a whole: what a machine lets in is its owner's. */
const RULESET: Ruleset = {
  chains: [
    {
      tool: 'nftables',
      families: [4, 6],
      table: 'inet canarytable',
      name: 'canarychain',
      base: null,
      rules: [
        { handle: 1, line: 1, text: EVERYTHING, packets: 0, steps: [{ match: { unknown: 'canary' } }] },
      ],
    },
  ],
};

/** A valibot schema, as far as this looks into it. */
interface Schema {
  type: string;
  pipe?: Schema[];
  wrapped?: Schema;
  item?: Schema;
  value?: Schema;
  options?: unknown[];
  entries?: Record<string, Schema>;
  literal?: unknown;
}

const unclassified = new Set<string>();
const used = new Set<string>();

function classOf(place: string): (typeof CLASSES)[string] | null {
  const names = place.split('.');
  const last = names.at(-1) ?? '';
  const keys = [...names.map((_, i) => names.slice(i).join('.')), last.replace(/\[\]$/, '')];
  const key = keys.find((one) => Object.hasOwn(CLASSES, one));
  if (key === undefined) {
    unclassified.add(place);
    return null;
  }
  used.add(key);
  return CLASSES[key] ?? null;
}

function texts(place: string): string[] {
  const is = classOf(place);
  if (is === 'any') return [EVERYTHING];
  if (is === 'ours' || is === null) return ['ours'];
  return typeof is.is === 'string' ? [is.is] : is.is;
}

/** A value for every field of the schema, optional ones included. */
function filled(schema: Schema, place: string): unknown {
  if (schema.pipe?.some(({ type }) => type === 'iso_timestamp')) return '2026-11-27T12:00:00.000Z';
  switch (schema.type) {
    case 'nullable':
    case 'optional':
      return filled(schema.wrapped!, place);
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.entries!).map(([key, inner]) => [key, filled(inner, `${place}.${key}`)]),
      );
    case 'array': {
      const { item } = schema;
      if (item?.type === 'variant')
        return (item.options as Schema[]).map((option, n) => {
          const probe = String((option.entries!.probe as Schema).literal);
          return { ...(filled(option, `${place}.${probe}`) as object), id: `${probe}-${n}` };
        });
      if (textType(item!)) return texts(`${place}[]`);
      return [filled(item!, `${place}[]`)];
    }
    case 'record':
      return { [texts(`${place}{key}`)[0]!]: filled(schema.value!, `${place}{}`) };
    case 'string':
      return texts(place)[0];
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'picklist':
      return schema.options![0];
    case 'custom':
      return RULESET;
    case 'literal':
      return schema.literal;
    default:
      throw new Error(`no value for ${schema.type} at ${place}`);
  }
}

const textType = (schema: Schema): boolean => schema.type === 'string';

const evidence = filled(EVIDENCE_SCHEMA as unknown as Schema, '') as Evidence;
for (const one of evidence.observations)
  if (one.probe === 'local-network' && one.data !== null)
    one.data.interfaces[0]!.addresses = [
      { address: OWN[0]!, prefix: 24, family: 4 },
      { address: OWN[1]!, prefix: 64, family: 6 },
      { address: OWN[2]!, prefix: 26, family: 4 },
    ];
const hostNames = [HOST_NAME];

describe('redaction', () => {
  it('has every text field of saved evidence classified, and no class without a field', () => {
    expect([...unclassified]).toEqual([]);
    expect(Object.keys(CLASSES).filter((name) => !used.has(name))).toEqual([]);
    expect(wrongPlace(evidence)).toBeNull();
    expect(JSON.stringify(evidence).match(CANARY)?.length).toBeGreaterThan(100);
  });

  it('leaves no canary in evidence', () => {
    const made = redactEvidence(evidence, { hostNames });
    expect(JSON.stringify(made).match(CANARY)).toBeNull();
    expect(wrongPlace(made)).toBeNull();
    expect(made.observations.find(({ probe }) => probe === 'other-end')?.data).toMatchObject({
      ruleset: null,
    });
    expect(made.request.target).toMatchObject({
      host: 'db.example.com',
      input: 'https://db.example.com/path-1',
    });
  });

  it('leaves no canary in any format of a report', async () => {
    const rules = await builtInRules(FACT_TABLE);
    const report = redactReport(reportOf(evidence, rules, { version: '0', durationMs: 1 }), { hostNames });
    for (const format of ['json', 'terminal', 'text', 'markdown', 'html'] as const) {
      const text = await render(format, report, { verbose: true, color: false, unicode: true, width: 200 });
      expect({ format, found: text.match(CANARY) }).toEqual({ format, found: null });
      expect(text).toContain('db.example.com');
    }
  });

  it('changes no word of a closed list, whatever an interface is called', () => {
    const odd = structuredClone(evidence);
    for (const one of odd.observations)
      if (one.probe === 'local-network' && one.data !== null) one.data.interfaces[0]!.name = 'open';
    const made = redactEvidence(odd, { hostNames: ['refused'] });
    expect(made.observations.map(({ probe, outcome }) => [probe, outcome])).toEqual(
      odd.observations.map(({ probe, outcome }) => [probe, outcome]),
    );
  });
});
