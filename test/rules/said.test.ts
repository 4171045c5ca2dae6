import { describe, expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { isTrue } from '../../src/judge/rules/condition.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import { sentence } from '../../src/judge/rules/template.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { Rule } from '../../src/model/rule.ts';

/** Sentences that somebody read wrong in a report of the lab, each with what it must say instead. */
const rules = await builtInRules(FACT_TABLE);
const ruleOf = (id: string): Rule => rules.find((rule) => rule.id === id)!;
const none = Object.fromEntries(Object.keys(FACT_TABLE).map((name) => [name, null]));

/** What is asked under these facts, as the report says it. */
const asked = (id: string, facts: Facts, part: 'fix' | 'verify' = 'fix') =>
  ruleOf(id)
    [part].filter((task) => task.if === undefined || isTrue(task.if, { ...none, ...facts }))
    .map((task) => ({
      who: task.who,
      do: sentence(task.do, { ...none, ...facts }),
      system: task.system,
      run: task.run,
    }));
const asksOf = (id: string, facts: Facts): string =>
  asked(id, facts)
    .map((task) => task.do)
    .join('\n');

describe('to whom, and about what', () => {
  test('a dangling alias is not called misspelt: it is there, and what it points to is not', () => {
    const facts = {
      host: 'db.example.com',
      'dns.alias': 'gone.example.com',
      'dns.missingName': 'gone.example.com',
    };
    expect(asksOf('dns-name-not-found', facts)).not.toContain('spelling');
    expect(asksOf('dns-name-not-found', facts)).toContain('Restore gone.example.com');
    expect(sentence(ruleOf('dns-name-not-found').title, facts)).toContain('gone.example.com does not exist');
    expect(asksOf('dns-name-not-found', { host: 'db.example.com' })).toContain('spelling of db.example.com');
  });
  test('another protocol on the port gives the reader something to do, not only the owner', () => {
    for (const heard of ['ssh', 'http', 'tls'])
      expect(
        asked('protocol-mismatch', { 'service.expected': 'ftp', 'service.heard': heard, port: 21 }).map(
          ({ who }) => who,
        ),
      ).toContain('you');
  });
  test('a router that turns a family away is not mended by making the service listen', () => {
    const facts = { 'refusal.from': 'router', 'refusal.address': '2001:db8::1', 'addresses.brokenFamily': 6 };
    expect(asksOf('address-family-broken', facts)).toContain(
      'Repair the IPv6 route or filter of 2001:db8::1',
    );
    expect(asksOf('address-family-broken', facts)).not.toContain('service listen');
    expect(asksOf('address-family-broken', { 'addresses.brokenFamily': 6 })).toContain('service listen');
  });
  test('a route that says prohibit is not mended by connecting a network', () => {
    for (const route of ['prohibit', 'unreachable', 'blackhole'])
      expect(asksOf('local-no-route', { 'local.route': route, 'target.address': '192.0.2.7' })).toMatch(
        new RegExp(`^Remove the route or routing rule of this machine that says ${route} for 192`),
      );
    expect(asksOf('local-no-route', { 'local.route': 'none' })).toMatch(/^Connect the network or VPN/);
  });
  test('an answer that the first router gave proves no way back from the host', () => {
    const proof = ruleOf('return-path').ruledOut.find(({ say }) => say?.startsWith('Another port'))!;
    const excludes = (facts: Facts) => isTrue(proof.if!, { ...none, 'host.openPort': 80, ...facts });
    expect(excludes({})).toBe(true);
    expect(excludes({ 'gateway.answersWeb': true })).toBe(false);
  });
  test('a rule that was read on the host is named to whoever changes it', () => {
    const facts = {
      'there.reaches': true,
      'there.verdict': 'dropped',
      'there.rulePlace': 'rule 2 of chain c',
      'there.firewall': 'nftables',
      'there.rule': 'tcp dport 80 drop',
      port: 80,
    };
    expect(asksOf('host-firewall-drop', facts).split('\n')[0]).toBe(
      'Let TCP 80 from this client pass before rule 2 of chain c (nftables: tcp dport 80 drop), or remove that rule.',
    );
    expect(asksOf('host-firewall-drop', { port: 80 })).toMatch(/^Allow TCP 80/);
  });
  test('a limit that a router is known to set is raised there', () => {
    const facts = { 'refusal.from': 'router', 'refusal.address': '192.0.2.1', port: 80 };
    expect(asksOf('rate-limited', facts)).toContain('192.0.2.1 turns away what exceeds its limit');
    expect(asksOf('rate-limited', { port: 80 })).toContain('on the host or on a firewall before it');
  });
  test('the provider is not asked to ask the provider', () => {
    expect(asksOf('provider-port-block', { port: 25 })).not.toContain('Ask the provider');
  });
  test('a loop that one router alone shows circulates between nobody', () => {
    expect(sentence(ruleOf('routing-loop').title, { 'path.loopAddresses': '192.0.2.1' })).not.toContain(
      'between',
    );
  });
  test('where nothing of a family arrives, the way is looked at, too', () => {
    expect(asksOf('address-family-broken', { 'addresses.brokenFamily': 6 })).toContain('nothing arrives');
  });
  test('of a rejection by a known router that router is looked at, not the server', () => {
    const facts = { 'refusal.kind': 'icmp', 'refusal.from': 'router', 'refusal.address': '192.0.2.1' };
    const checks = asked('network-firewall-reject', facts, 'verify');
    expect(checks.map(({ who }) => who)).not.toContain('server-admin');
    expect(checks[0]!.do).toContain('192.0.2.1');
  });
  test('a forged reset: the hop that it comes from is named', () => {
    const facts = { 'refusal.kind': 'rst', 'refusal.firstTtl': 2 };
    expect(asksOf('network-firewall-reject', facts)).toContain('at hop 2, or the one before it');
  });
  test('what is published for 127.0.0.1 only is no fault where 127.0.0.1 was asked', () => {
    const facts = { 'local.route': 'local', 'target.address': '127.0.0.1', port: 9 };
    expect(asksOf('port-closed', facts)).not.toContain('not for 127.0.0.1 only');
    expect(asksOf('port-closed', { port: 9 })).toContain('not for 127.0.0.1 only');
  });
  test('without an interface of the family that family is named', () => {
    expect(asksOf('local-no-route', { 'local.interfaceUp': false, 'target.family': 6 })).toContain(
      'IPv6 address',
    );
  });
});

describe('on the own link', () => {
  test('this machine is the neighbour that looks: nobody else is sent to', () => {
    const checks = asked('host-down', { 'local.onLink': true, 'target.family': 4 }, 'verify');
    expect([...new Set(checks.map(({ who }) => who))]).toEqual(['you']);
    expect(asked('host-down', { 'target.family': 4 }, 'verify').map(({ who }) => who)).not.toContain('you');
  });
});

describe('F2: behind NAT', () => {
  test('nobody at the far end is given the private address of this machine as it is', () => {
    const facts = {
      'source.seen': 'this client (10.0.0.5 here, translated on the way)',
      'vantage.address': '10.0.0.5',
    };
    for (const id of ['return-path', 'provider-port-block', 'tls-handshake-failed', 'client-banned']) {
      const text = asked(id, facts)
        .filter(({ who }) => who !== 'you')
        .map((task) => task.do)
        .join('\n');
      expect(text, id).not.toMatch(/10\.0\.0\.5(?! here)/);
    }
  });
  test('whoever the client is is said once', () => {
    expect(asksOf('client-banned', { 'source.seen': 'this client (10.0.0.5 here)' })).not.toContain(
      'this client (this',
    );
  });
});

describe('commands', () => {
  test('a router of Cisco is asked in the family of the address', () => {
    for (const rule of rules)
      for (const task of [...rule.fix, ...rule.verify]) {
        if (task.system !== 'cisco-ios' || !/^show (ip|ipv6) (cef|arp|neighbors)/.test(task.run ?? ''))
          continue;
        expect(task.if, rule.id).toMatchObject({ 'target.family': /^show ipv6/.test(task.run!) ? 6 : 4 });
      }
  });
  test('an address and its port are written as one, in brackets for IPv6', () => {
    for (const rule of rules)
      expect(JSON.stringify(rule), rule.id).not.toContain('{target.address} TCP {port}');
  });
});

describe('words', () => {
  const texts = rules.flatMap((rule) => [
    rule.title,
    ...(rule.titles ?? []).map(({ say }) => say),
    ...rule.evidence.map(({ say }) => say),
    ...rule.ruledOut.map(({ say }) => say),
  ]);
  test('a sentence has one colon at the most before what it excludes is told', () => {
    expect(texts.filter((text) => /: it is up\.|machine: no network/.test(text))).toEqual([]);
  });
  test('counts are told without a number before a plural that may be one', () => {
    expect(texts.filter((text) => /the first were accepted \(/.test(text))).toEqual([]);
  });
  test("what a service said in its own words, and this machine's own table of sockets, is read and not inferred", () => {
    for (const id of [
      'service-access-denied',
      'service-limit-reached',
      'service-not-ready',
      'listens-elsewhere',
      'local-service-hung',
    ])
      expect(ruleOf(id).observed, id).toBe(true);
  });
  test('a limit for one client is not called a full service', () => {
    expect(ruleOf('service-limit-reached').title).not.toContain('full');
  });
  test('an outcome of a check is never cut within quotes', () => {
    for (const rule of rules)
      for (const { outcomes = [] } of rule.verify)
        for (const { see, means } of outcomes)
          for (const text of [see, means])
            expect((text.match(/"/g) ?? []).length % 2, `${rule.id}: ${text}`).toBe(0);
  });
});
