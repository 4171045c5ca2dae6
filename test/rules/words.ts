import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import { outcomesOf } from '../../src/judge/rules/outcomes.ts';
import { commandLine, sentence } from '../../src/judge/rules/template.ts';
import type { Facts, FactTable } from '../../src/model/facts.ts';
import type { Rule } from '../../src/model/rule.ts';
import { systemName } from '../../src/model/systems.ts';
import { OWNER_HEADING } from '../../src/report/names.ts';

/** `npm run words`: every sentence of every rule with typical facts on one page, to be read as a whole. */

/** What a run at a PostgreSQL server behind two networks might measure. */
const TYPICAL: Record<string, string | number | boolean> = {
  host: 'db.example.com',
  port: 5432,
  service: 'postgresql',
  'target.address': '203.0.113.80',
  'target.endpoint': '203.0.113.80:5432',
  'target.family': 4,
  'vantage.address': '192.168.178.50',
  'vantage.os': 'linux',
  url: 'https://db.example.com:5432/',
  starttls: ' -starttls postgres',
  'source.seen': 'this client (192.168.178.50 here, translated on the way)',
  'stop.devices': '100.64.2.2 (hop 3) or 100.64.3.2 (hop 4)',
  'path.target.lastHop': 3,
  'path.target.lastAddress': '100.64.2.2',
  'path.target.lastName': 'hop 3',
  'path.target.lastSeen': 'answered up to hop 3 (100.64.2.2)',
  'path.nextHop': 4,
  'path.nextAddress': '100.64.3.2',
  'path.reference.port': 22,
  'path.other.protocol': 'udp',
  'refusal.address': '100.64.2.2',
  'refusal.meaning': 'prohibited',
  'refusal.type': 3,
  'refusal.code': 13,
  'host.aliveHow': 'it answers ping, TCP 22 is open',
  'local.gateway': '192.168.178.1',
  'local.device': 'eth0',
  'dns.answeredBy': '192.168.178.1',
  'dns.otherResolver': '10.0.0.53',
  'dns.otherSays': '10.1.2.3',
  'dns.hereSays': '203.0.113.80',
  'dns.rcode': 'SERVFAIL',
  'tls.expectedName': 'db.example.com',
  'tls.names': 'www.example.com, example.com',
  'tls.subject': 'CN=www.example.com',
  'tls.datedSubject': 'CN=www.example.com',
  'tls.datesWords': 'expired 3 days ago (18 Nov 2026)',
  'service.expected': 'postgresql',
  'service.heard': 'http',
  'service.waitedS': 2,
  'http.status': 502,
  'http.reason': 'Bad Gateway',
  'tcp.attempts': 9,
  'tcp.opened': 1,
  'tcp.refusedToo': 8,
  'tcp.silent': 8,
};

/** The typical facts, and for every other one a value of its type. */
export function typicalFacts(table: FactTable = FACT_TABLE): Facts {
  const filler = (name: string): string | number | boolean => {
    const { type, values } = table[name]!;
    if (type === 'boolean') return true;
    if (type === 'number') return 4;
    return values?.[0] ?? `<${name}>`;
  };
  return Object.fromEntries(Object.keys(table).map((name) => [name, TYPICAL[name] ?? filler(name)]));
}

/** One rule as a reader meets it, with every sentence that it can say. */
export function wordsOf(rule: Rule, facts: Facts): string[] {
  const say = (template: string): string => sentence(template, facts);
  const task = (one: Rule['fix'][number]): string[] => [
    `  ${OWNER_HEADING[one.who]}${one.system === undefined ? '' : `, ${systemName(one.system)}`}: ${say(one.do)}`,
    ...(one.run === undefined
      ? []
      : commandLine(one.run, facts)
          .split('\n')
          .map((line) => `    $ ${line}`)),
  ];
  return [
    `${rule.id}: ${say(rule.title)}`,
    ...(rule.titles ?? []).map((one) => `  or: ${say(one.say)}`),
    `  ${rule.about.replaceAll(/\s+/g, ' ')}`,
    ...rule.evidence.map(({ weight, say: words }) => `  ${weight > 0 ? '+' : '-'} ${say(words)}`),
    ...rule.ruledOut.map(({ say: words }) => `  Ruled out: ${say(words)}`),
    ...rule.confusedWith.map((one) => `  ? ${say(one.say)} To find out: ${say(one.decidedBy)}`),
    ...rule.fix.flatMap(task),
    ...rule.verify.flatMap((check) => [
      ...task(check),
      ...(outcomesOf(check)?.map(({ see, means }) => `    ${say(see)} -> ${say(means)}`) ?? [
        `    Expect: ${say(check.expect)}`,
      ]),
    ]),
  ];
}

if (process.argv[1]?.endsWith('words.ts') === true) {
  const facts = typicalFacts();
  for (const rule of await builtInRules(FACT_TABLE))
    process.stdout.write(`${wordsOf(rule, facts).join('\n')}\n\n`);
}
