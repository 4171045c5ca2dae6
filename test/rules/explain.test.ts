import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { conditionWords, explainCause, explainInCase, listCauses } from '../../src/command/explain.ts';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import type { Condition } from '../../src/model/rule.ts';

const rules = await builtInRules(FACT_TABLE);

test.each<[Condition, string]>([
  [{ 'tcp.outcome': 'timeout' }, 'tcp.outcome is timeout'],
  [{ port: { above: 1, atMost: 9 } }, 'port is above 1 and is at most 9'],
  [{ host: 'a', any: [{ port: 1 }, { port: 2 }] }, 'host is a and (port is 1 or port is 2)'],
  [{ any: [{ port: 1 }, { host: 'a' }] }, 'port is 1 or host is a'],
  [{ none: [{ port: 1 }, { host: 'a' }] }, 'none of (port is 1; host is a)'],
])('a condition in words: %j', (condition, words) => {
  expect(conditionWords(condition)).toBe(words);
});

describe.each(rules)('--explain $id', (rule) => {
  const text = explainCause(rule.id, rules) as string;
  test('says what it is, how it shows, who mends it, for every system it knows', () => {
    expect(text.startsWith(`${rule.id}: `)).toBe(true);
    for (const heading of ['What it is', 'What speaks for it', 'How to fix it', 'How to check']) {
      expect(text).toContain(`\n${heading}\n`);
    }
    for (const { system } of rule.fix) if (system !== undefined) expect(text).toContain(`${system}: `);
    for (const { id } of rule.confusedWith) expect(text).toContain(id);
  });
  test('leaves no placeholder', () => {
    expect(text).not.toMatch(/\{[a-z][\w.]*\}/i);
  });
});

test('--list-causes names every cause', () => {
  for (const { id } of rules) expect(listCauses(rules)).toContain(`  ${id} `);
});
test('an unknown cause is told with the nearest', () => {
  expect(explainCause('port-close', rules)).toEqual({ error: expect.stringContaining('port-closed') });
});

describe('in the words of a run', () => {
  const evidence = JSON.parse(readFileSync('test/scenarios/router-2-drops-the-port/evidence.json', 'utf8'));
  const text = explainInCase('network-firewall-drop', rules, evidence) as string;
  test("the run's values stand in sentences and commands", () => {
    expect(text).toContain('network-firewall-drop: A firewall on the way silently drops TCP 8080');
    expect(text.replaceAll(/\s+/g, ' ')).toContain('on 10.20.201.2 (hop 2) or 10.20.202.2 (hop 3)');
    expect(text).toContain("sudo tcpdump -nni any 'tcp dst port 8080 and dst host 10.77.3.80'");
  });
  test('what was seen is told from what was not, and no sentence says "unknown"', () => {
    expect(text).toMatch(/\nWhat speaks for it here\n {2}- SYNs to TCP 8080/);
    expect(text).toContain('\nWhat speaks against it, and was not seen here\n');
    expect(text).not.toMatch(/unknown/);
  });
  test('a cause that was not considered is told as one', () => {
    const other = explainInCase('tls-certificate-expired', rules, evidence) as string;
    expect(other).toContain('It was not considered');
  });
  test('an unknown cause is told with the nearest', () => {
    expect(explainInCase('port-close', rules, evidence)).toEqual({
      error: expect.stringContaining('port-closed'),
    });
  });
});

test('people are spared the names of facts, but for those who ask', () => {
  expect(explainCause('port-closed', rules)).not.toContain('tcp.outcome');
  expect(explainCause('port-closed', rules, 80, { gate: true })).toContain('tcp.outcome is');
});
