import { describe, expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import { commandLine } from '../../src/judge/rules/template.ts';
import type { Rule } from '../../src/model/rule.ts';
import { runsOn, SYSTEMS } from '../../src/model/systems.ts';
import { judgeCase, type RuleCase } from './rule-cases.ts';

/** What may never be advised, whatever the cause: the review of section 1, each statement a test over every rule. */
const rules = await builtInRules(FACT_TABLE);

type Task = Rule['fix'][number] | Rule['verify'][number];
const tasks: { id: string; task: Task }[] = rules.flatMap((rule) =>
  [...rule.fix, ...rule.verify].map((task) => ({ id: rule.id, task })),
);
const runs = tasks.flatMap(({ id, task }) => (task.run === undefined ? [] : [{ id, task, run: task.run }]));
const texts: string[] = rules.flatMap((rule) => [
  rule.title,
  ...(rule.titles ?? []).map(({ say }) => say),
  rule.about,
  ...rule.evidence.map(({ say }) => say),
  ...rule.ruledOut.map(({ say }) => say),
  ...rule.confusedWith.flatMap(({ say, decidedBy }) => [say, decidedBy]),
  ...[...rule.fix, ...rule.verify].map((task) => task.do),
  ...rule.verify.map((check) => check.expect),
]);
const ruleOf = (id: string): Rule => rules.find((rule) => rule.id === id)!;
const textsOf = (id: string): string => JSON.stringify(ruleOf(id));
const having = (pattern: RegExp): string[] =>
  runs.filter(({ run }) => pattern.test(run)).map(({ id, run }) => `${id}: ${run}`);
const saying = (pattern: RegExp): string[] => texts.filter((text) => pattern.test(text));

describe('the device that drops', () => {
  test('F1: the last router that answers is never passed over for the one after it', () => {
    expect(saying(/on the device after/)).toEqual([]);
    expect(ruleOf('network-firewall-drop').fix[0]!.do).toContain('{stop.devices');
  });
  test('F43: of a drop on the network its two devices are asked first, not the server', () => {
    expect(ruleOf('network-firewall-drop').verify[0]!.who).toBe('network-admin');
  });
});

describe('whose work it is', () => {
  const advised = (facts: RuleCase['facts']) => {
    const [lead] = judgeCase({ name: '', facts, expect: {} } as RuleCase, rules, FACT_TABLE).causes;
    const asked = [...(lead?.fixes ?? []), ...(lead?.verify ?? [])];
    return {
      who: (lead?.fixes ?? []).map(({ who }) => who),
      text: asked.map(({ do: text, run }) => `${text} ${run ?? ''}`).join('\n'),
    };
  };
  const own = { 'tcp.outcome': 'timeout', 'target.address': '2001:db8::7', 'target.family': 6, port: 443 };
  test('what drops answers is looked for where they come in, and what holds SYNs back where they go out', () => {
    const incoming = advised({ ...own, 'local.dropsIncoming': true, 'local.nextHopFailed': true });
    expect(incoming.text).toMatch(/-nvL INPUT/);
    expect(incoming.text).toMatch(/neighbour advertisements/);
    expect(incoming.text).not.toMatch(/OUTPUT|allow out/);
    const astray = advised({
      ...own,
      'tcp.outcome': 'timeout',
      'local.reversePathDrops': 9,
      'local.dropsIncoming': true,
    });
    expect(astray.text).toMatch(/rp_filter=2/);
    expect(astray.text).not.toMatch(/-nvL (OUTPUT|INPUT)|allow out/);
    const outgoing = advised({ ...own, 'local.dropsOutgoing': true });
    expect(outgoing.text).toMatch(/-nvL OUTPUT/);
    expect(outgoing.text).not.toMatch(/INPUT|neighbour advertisements/);
  });
  const turned = { ...own, 'tcp.outcome': 'unreachable', 'refusal.kind': 'icmp', 'refusal.from': 'router' };
  test('a source address that is turned away is about this machine, never about the port', () => {
    const of = (code: number) =>
      advised({
        ...turned,
        'refusal.meaning': 'prohibited',
        'refusal.ofSource': code === 5,
        'refusal.address': '2001:db8:1::1',
        'vantage.address': 'fd00::5',
        'vantage.reach': 'private',
        'target.reach': 'public',
      });
    expect(new Set(of(5).who)).toEqual(new Set(['you']));
    expect(of(5).text).not.toMatch(/Allow TCP|dport|reject for TCP/);
    expect(of(1).text).toMatch(/Allow TCP 443/);
  });
  test('an own route by another router than usual is for the reader; a usual one for the administrator', () => {
    const of = (usual: string | null) =>
      advised({
        ...turned,
        'refusal.meaning': 'no-route',
        'refusal.late': false,
        'refusal.address': 'fe80::51',
        'refusal.hop': 1,
        'local.gateway': 'fe80::51',
        'local.usualRouter': usual,
      });
    expect(new Set(of('fe80::1').who)).toEqual(new Set(['you']));
    expect(of(null).who).toContain('network-admin');
  });
  test('an address that nobody has is no work on the route before it', () => {
    const of = (late: boolean) =>
      advised({
        ...turned,
        'addresses.brokenFamily': 6,
        'addresses.openList': '192.0.2.7',
        'addresses.failedList': '2001:db8::7',
        'refusal.late': late,
        'refusal.meaning': 'host-unreachable',
        'refusal.address': '2001:db8:1::1',
        'refusal.hop': 3,
      });
    expect(of(true).who).toEqual(['server-admin', 'dns-admin', 'you']);
    expect(of(true).text).toMatch(/ip neigh show/);
    expect(of(true).text).not.toMatch(/Repair|ip route get/);
    expect(of(false).text).toMatch(/Repair/);
  });
});

describe('behind NAT', () => {
  test('F2, F27: nothing on the far side filters on the address that this machine has here', () => {
    expect(having(/\{vantage\.address/)).toEqual([]);
  });
  test('F3: a SYN from another address is no proof of a device in between', () => {
    expect(
      ruleOf('middlebox-intercept')
        .verify.map(({ expect: text }) => text)
        .join(),
    ).toMatch(/NAT does that, too/);
  });
  test('F2: where the translated address is not known, a command says SOURCE', () => {
    const run = ruleOf('host-firewall-drop').fix.find(({ system }) => system === 'windows')!;
    expect(run).toBeDefined();
    for (const { run } of runs.filter(({ run }) => run.includes('{source.')))
      expect(commandLine(run, { port: 22 })).toContain('SOURCE');
  });
});

describe('commands', () => {
  const LOOKS =
    /\b(list|status|show|-nvL|-S|--list|--get|-sr|ip (addr|route get|neigh)|dig|getent|grep|query|Get-)\b/;
  const CHANGES =
    /\b(insert|add|-I (INPUT|FORWARD|OUTPUT)|restart|start SERVICE|flush|flush-caches|--add-|allow|New-|Set-|sed -i|sysctl -w|renew|-setdnsservers)\b/;
  test('F8, F29: looking and changing are never one command', () => {
    expect(runs.filter(({ run }) => LOOKS.test(run) && CHANGES.test(run)).map(({ run }) => run)).toEqual([]);
    expect(having(/;/).filter((run) => !/\/dev\/tcp/.test(run))).toEqual([]);
  });
  test('F8: a stopped unit can be started: nothing hangs on the exit code of `systemctl status`', () => {
    expect(having(/systemctl status[^\n]*&&/)).toEqual([]);
  });
  test('F9: rules go where the reader finds them, for both families', () => {
    expect(having(/rule inet filter/)).toEqual([]);
    expect(having(/(^|sudo )iptables|ip [sd]addr/)).toEqual([]);
  });
  test('F11, F12: a firewall is opened to this client, not to everyone', () => {
    expect(having(/--add-port|firewall-cmd --reload/)).toEqual([]);
    expect(having(/New-NetFirewallRule(?!.*-RemoteAddress)/)).toEqual([]);
    expect(having(/firewall-cmd --add/)).toEqual([]);
  });
  test('F10, F28: on the own machine a command is for the system that has it', () => {
    const everywhere = /^(reachdoctor|nslookup|openssl|curl|ssh) /;
    const loose = runs.filter(
      ({ task, run }) => task.who === 'you' && task.system === undefined && !everywhere.test(run),
    );
    expect(loose.map(({ id, run }) => `${id}: ${run}`)).toEqual([]);
    for (const os of ['linux', 'win32', 'darwin'])
      for (const rule of rules.filter(({ owner }) => owner === 'you'))
        expect(
          rule.verify.every(({ who }) => who !== 'you') ||
            rule.verify.some(({ system }) => system === undefined || runsOn(system, os)),
          `${rule.id} on ${os}`,
        ).toBe(true);
  });
  test('every system is one that is known', () => {
    const named = tasks.flatMap(({ task }) => task.system ?? []);
    expect(named.filter((system) => SYSTEMS[system] === undefined)).toEqual([]);
  });
  test('F7: openssl gets an address in brackets, and is told of STARTTLS', () => {
    for (const { run } of runs.filter(({ run }) => run.includes('s_client -connect')))
      expect(run).toContain("-connect '{target.endpoint}'{starttls}");
    const run = "openssl s_client -connect '{target.endpoint}'{starttls} -brief";
    expect(
      commandLine(run, { 'target.endpoint': '[2001:db8::7]:5432', starttls: ' -starttls postgres' }),
    ).toBe("openssl s_client -connect '[2001:db8::7]:5432' -starttls postgres -brief");
    expect(commandLine(run, { 'target.endpoint': '192.0.2.7:443', starttls: '' })).toBe(
      "openssl s_client -connect '192.0.2.7:443' -brief",
    );
  });
  test('F6: a web server is asked by its own URL, and not with HEAD', () => {
    expect(having(/curl (.*-\w*I\b|.*http:\/\/\{host)/)).toEqual([]);
    expect(commandLine("curl '{url}'", { url: 'https://[2001:db8::7]:8443/' })).toBe(
      "curl 'https://[2001:db8::7]:8443/'",
    );
    const url = 'https://db.example.com:443/a;b/(c)';
    expect(commandLine("curl '{url}'", { url })).toBe(`curl '${url}'`);
    expect(commandLine('curl {url}', { url })).toBe('curl URL');
    expect(commandLine("curl '{url}'", { url: "https://db.example.com/'$(id)'" })).toBe("curl 'URL'");
  });
  test('F13, F30: pf: the last match wins, and a block without a direction blocks both ways', () => {
    expect(saying(/before the block-return/)).toEqual([]);
    expect(having(/block\.\*out/)).toEqual([]);
    expect(having(/^pass /m)).toEqual([]);
  });
  test('F20: the hosts file is not cut by line number', () => {
    expect(having(/sed -i/)).toEqual([]);
    expect(textsOf('dns-hosts-override')).toMatch(/take only this name out/);
  });
  test('F21: commands for Windows are PowerShell', () => {
    const windows = runs.filter(({ task }) => task.system === 'windows').map(({ run }) => run);
    expect(windows.filter((run) => / & |%\w+%|^powershell /m.test(run))).toEqual([]);
  });
  test('F22: only what is an address is connected to', () => {
    const check = ruleOf('dns-answers-differ').verify.find(({ run }) => run?.includes('{dns.otherSays}'));
    expect(check?.if).toEqual({ 'dns.otherAddressOpen': { measured: true } });
  });
  test('F23: the unit of sshd has two names', () => {
    expect(having(/-u ssh\b(?! -u sshd)/)).toEqual([]);
  });
  test('F24: a limit that is the default already is no fix, and a restart is asked for', () => {
    expect(having(/somaxconn=/)).toEqual([]);
    expect(textsOf('service-overloaded')).toMatch(/restart the program/);
  });
  test('F25: the service is asked at the address that clients use, with TLS only where it is TLS', () => {
    expect(having(/localhost/)).toEqual([]);
    for (const check of ruleOf('service-unresponsive').verify.filter(({ run }) => run?.includes('openssl')))
      expect(check.if).toEqual({ 'stall.request': 'tls' });
  });
  test('F27: no capture filter that tcpdump refuses for IPv6', () => {
    expect(having(/host .*tcp\[/)).toEqual([]);
    expect(having(/tcp\[13\]/)).toEqual([]);
    for (const { run } of runs.filter(({ run }) => run.includes('tcp[')))
      expect(run).toContain('(ip6 or tcp[');
  });
});

describe('what is said', () => {
  test.each<[string, string, RegExp, RegExp | null]>([
    ['F5', 'host-firewall-drop', /rp_filter/, /Packets and no reply: the server's own firewall/],
    ['F5', 'host-firewall-drop', /in a cloud also by its security group/, null],
    ['F14', 'port-closed', /another single address/, /Another address: something else sends the reset/],
    ['F15', 'port-closed', /Windows with its firewall on is silent/, null],
    ['F15', 'host-firewall-drop', /"id":"port-closed"/, null],
    ['F16', 'return-path', /ICMP|ping/, /it answers ping, so/],
    ['F18', 'local-wrong-subnet', /overlaps/, null],
    ['F19', 'local-no-route', /Local Network/, null],
    ['F26', 'host-down', /STALE: it was up once/, /REACHABLE or STALE/],
    ['F31', 'local-no-route', /This machine has a route to/, /do leave this machine/],
    ['F33', 'host-firewall-reject', /Windows Firewall drops and never rejects/, /Windows\s+policies/],
    ['F35', 'routing-unreachable', /so it may have a route/, /so it has a route/],
    ['F36', 'egress-port-block', /two hosts tried/, /towards everyone/],
    ['F38', 'tls-untrusted', /Only if your own organisation runs this host/, null],
    ['F39', 'tls-name-mismatch', /RFC 9525/, /RFC 6125/],
    ['F40', 'host-down', /three seconds on Linux/, null],
    ['F42', 'network-firewall-drop', /1024-65535/, /in both directions/],
  ])('%s: %s', (_, id, must, mustNot) => {
    expect(textsOf(id)).toMatch(must);
    if (mustNot !== null) expect(textsOf(id)).not.toMatch(mustNot);
  });
  test('F16: ping is no proof that TCP finds its way back', () => {
    const proofs = ruleOf('return-path').ruledOut.map(({ if: asked }) => JSON.stringify(asked));
    expect(proofs.filter((proof) => /host\.alive|answersPing/.test(proof))).toEqual([]);
  });
  test('F17: a neighbour that answers is up', () => {
    const proofs = ruleOf('host-down').ruledOut.map(({ if: asked }) => JSON.stringify(asked));
    expect(proofs.some((proof) => proof.includes('local.nextHopAlive'))).toBe(true);
  });
  test('F34: silence is told of what was sent, not of everything', () => {
    expect(saying(/Nothing at all comes back/)).toEqual([]);
  });
  test('F41: +trace is not for internal names', () => {
    for (const rule of rules)
      for (const check of rule.verify.filter(({ run }) => run?.includes('+trace')))
        expect(check.expect, rule.id).toMatch(/internal names/);
  });
  test('words that a native speaker would not say', () => {
    expect(
      saying(/\boctets?\b|go round in circles|sent nowhere|wants a client|drop remembered|is alive\b/),
    ).toEqual([]);
  });
});
