/** Random small rule sets, as texts for nft and iptables-restore: what people write, and what nobody should have to. */
import fc from 'fast-check';

export const CLIENTS = { 4: ['10.9.0.2', '10.9.0.4'], 6: ['fd09:9::2'] } as const;
export const TARGETS = { 4: ['10.9.0.1', '10.9.0.3', '10.8.0.2'], 6: ['fd09:9::1', 'fd09:8::2'] } as const;
export const PORTS = [22, 80, 443, 8080] as const;

const one = <T>(...of: T[]) => fc.constantFrom(...of);
const text = (strings: TemplateStringsArray, ...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((values) => String.raw({ raw: strings }, ...values));

// ---------------------------------------------------------------- nftables

const ports = one(
  '22',
  '80',
  '8080',
  '443',
  '{ 22, 443 }',
  '80-443',
  '{ 22-80, 8080 }',
  '!= 22',
  '!= { 80, 8080 }',
  '>= 443',
  '< 80',
  '@ports',
);
const v4 = one(
  '10.9.0.2',
  '10.9.0.4',
  '10.9.0.0/24',
  '10.9.0.2-10.9.0.3',
  '!= 10.9.0.2',
  '{ 10.9.0.4, 10.0.0.0/16 }',
  '@friends',
  '!= 10.9.0.4/30',
);
const v4to = one('10.9.0.1', '10.9.0.3', '!= 10.9.0.1', '10.8.0.0/24', '{ 10.9.0.3, 10.8.0.2 }');
const v6 = one('fd09:9::2', 'fd09::/16', '!= fd09:9::/32', '{ fd09:9::2, fd09:8::2 }');

const nftMatch = fc.oneof(
  { weight: 5, arbitrary: text`tcp dport ${ports}` },
  { weight: 3, arbitrary: text`ip saddr ${v4}` },
  { weight: 2, arbitrary: text`ip daddr ${v4to}` },
  { weight: 2, arbitrary: text`ip6 saddr ${v6}` },
  {
    weight: 4,
    arbitrary: one(
      'iifname "eth0"',
      'iifname "eth*"',
      'iifname != "lo"',
      'iifname { "lo", "docker0" }',
      'ct state new',
      'ct state established,related',
      'ct state { new, untracked }',
      'ct state != new',
      'ct state invalid',
      'ct status dnat',
      'meta l4proto tcp',
      'meta l4proto { tcp, udp }',
      'meta l4proto != tcp',
      'meta l4proto 6',
      'ip protocol tcp',
      'ip6 nexthdr tcp',
      'udp dport 80',
      'udp dport != 80',
      'icmp type echo-request',
      'th dport 80',
      'tcp flags syn',
      'tcp flags & (fin|syn|rst|ack) == syn',
      'tcp flags != syn',
      'tcp flags & (syn|ack) == ack',
      'tcp flags & (syn | ack) != 0',
      'meta nfproto ipv4',
      'meta nfproto ipv6',
      'meta protocol ip',
      'meta mark 1',
      'meta mark != 1',
      'meta mark & 3 == 1',
      'fib daddr type local',
      'fib saddr type local',
      'tcp dport . ip saddr { 80 . 10.9.0.2, 22 . 10.9.0.4 }',
      'ip saddr . tcp dport != { 10.9.0.2 . 80 }',
      'tcp sport 1024-65535',
      'tcp sport < 1024',
      'ct original ip daddr 10.9.0.1',
      'meta l4proto tcp ct original proto-dst 80',
      'tcp option maxseg size 1460',
      // Not known to the evaluator, or true at random.
      'limit rate 1/hour',
      'limit rate over 1/hour',
      'meta pkttype host',
      'ip ttl > 3',
      'numgen random mod 2 0',
      'meta cpu 0',
      'ip dscp cs1',
      'meta length < 100',
      'ct count over 100',
      'meta skuid 0',
    ),
  },
);
const end = one(
  'accept',
  'drop',
  'reject',
  'reject with tcp reset',
  'meta nfproto ipv6 reject with tcp reset',
  'meta nfproto ipv4 meta l4proto tcp reject with tcp reset',
  'reject with icmp host-unreachable',
  'reject with icmpv6 port-unreachable',
  'return',
  'counter',
  'log',
  'continue',
  'jump aside',
  'goto aside',
  'jump further',
  'accept',
  'drop',
  'meta mark set 1',
  'meta mark set 2',
  'counter drop',
);
const map = one(
  'tcp dport vmap { 22 : accept, 80 : drop }',
  'tcp dport vmap { 1-79 : jump aside, 8080 : goto further }',
  'ct state vmap { new : jump aside, established : accept }',
  'ip saddr vmap { 10.9.0.2 : drop, 10.9.0.4-10.9.0.7 : accept }',
  'tcp dport vmap @verdicts',
  'iifname vmap { "lo" : accept, "eth0" : jump further }',
  'ip saddr . tcp dport vmap { 10.9.0.2 . 80 : drop }',
);
/** nft takes no rule whose matches exclude each other by themselves. */
const isPossible = (rule: string): boolean => {
  const kinds = [/\bip |ipv4|protocol ip|with icmp |vmap.*10\./, /\bip6 |ipv6|icmpv6/].filter((kind) =>
    kind.test(rule),
  ).length;
  const protocols = [/\btcp\b|th dport/, /\budp /, /\bicmp /].filter((kind) =>
    kind.test(rule.replace(/meta l4proto \{.*?\}/g, '')),
  ).length;
  return kinds <= 1 && protocols <= 1;
};
const nftRule = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(fc.array(nftMatch, { maxLength: 3 }), end)
      .filter(([all, last]) => isPossible([...all, last].join(' ')))
      .map(([all, last]) => [...all, last].join(' ')),
  },
  { weight: 1, arbitrary: map },
);
const rules = (rule: fc.Arbitrary<string>, maxLength = 4) => fc.array(rule, { maxLength });
const withoutJumps = nftRule.filter((rule) => !/jump|goto|vmap @/.test(rule));

/** The question is what becomes of a SYN: what follows it on the same connection always passes. */
const ONLY_SYNS = 'tcp flags & syn == 0x0 accept';

const base = (name: string, words: string, policy: fc.Arbitrary<string>, rule = nftRule) =>
  fc
    .tuple(policy, rules(rule))
    .map(
      ([drop, lines]) =>
        `chain ${name} {\n type filter ${words}; policy ${drop};\n ${[ONLY_SYNS, ...lines].join('\n ')}\n}`,
    );
const policy = one('accept', 'accept', 'drop');
/** What passes to and fro is not meant: only what comes from outside. */
const fromOutside = nftRule.map((rule) => `iifname "eth0" ${rule}`);

const noSet = (of: fc.Arbitrary<string>) => of.filter((value) => !value.startsWith('@'));
const translation = fc
  .tuple(
    fc.array(fc.oneof(text`tcp dport ${noSet(ports)}`, text`ip saddr ${noSet(v4)}`, text`ip daddr ${v4to}`), {
      maxLength: 2,
    }),
    one(
      'dnat to 10.8.0.2',
      'meta l4proto tcp dnat to 10.8.0.2:8080',
      'meta l4proto tcp redirect to :22',
      'meta l4proto tcp redirect to :8080',
      'meta l4proto tcp dnat to 10.9.0.3:80',
      'accept',
      'return',
      'meta l4proto tcp dnat to :80',
    ),
  )
  .map(([all, last]) => [...all, last].join(' '));

/** A table's chains; `at` moves the priorities of the second one. */
const table = (name: string, at: number) =>
  fc
    .record({
      further: rules(withoutJumps, 3),
      aside: rules(
        nftRule.filter((rule) => !/aside|vmap @/.test(rule)),
        3,
      ),
      input: base('input', `hook input priority ${at}`, policy),
      prerouting: fc.option(
        base(
          'prerouting',
          `hook prerouting priority ${at - 150}`,
          one('accept'),
          fromOutside.filter((rule) => !/jump|goto/.test(rule)),
        ),
      ),
      raw: fc.option(
        base(
          'raw',
          `hook prerouting priority ${-300 + at}`,
          one('accept'),
          fromOutside.filter((rule) => !/jump|goto/.test(rule)),
        ),
      ),
      forward: fc.option(
        base(
          'forward',
          `hook forward priority ${at}`,
          one('accept'),
          fromOutside.filter((rule) => !/jump|goto/.test(rule)),
        ),
      ),
    })
    .map(({ further, aside, input, prerouting, raw, forward }) =>
      [
        `table inet ${name} {`,
        'set ports { type inet_service; flags interval; elements = { 22, 80-90 }; }',
        'set friends { type ipv4_addr; flags interval; elements = { 10.9.0.4, 10.10.0.0/16 }; }',
        `chain further {\n ${further.join('\n ')}\n}`,
        `chain aside {\n ${aside.join('\n ')}\n}`,
        'map verdicts { type inet_service : verdict; elements = { 22 : jump aside, 8080 : drop }; }',
        input,
        prerouting ?? '',
        raw ?? '',
        forward ?? '',
        '}',
      ].join('\n'),
    );
const nat = rules(translation, 3).map(
  (lines) =>
    `table ip translate {\nchain pre {\n type nat hook prerouting priority -100; policy accept;\n ${lines.join('\n ')}\n}\n}`,
);

/** A nat table for both families: translation to an address of one leaves the other alone. */
const natOfBoth = rules(
  one(
    'dnat ip to 10.8.0.2',
    'meta l4proto tcp dnat ip to 10.9.0.3:80',
    'tcp dport 80 dnat ip6 to [fd09:8::2]:8080',
    'dnat ip6 to fd09:8::2',
    'meta nfproto ipv6 meta l4proto tcp redirect to :22',
    'meta l4proto tcp redirect to :8080',
    'ip saddr 10.9.0.4 accept',
  ),
  3,
).map(
  (lines) =>
    `table inet translate {\nchain pre {\n type nat hook prerouting priority -100; policy accept;\n ${lines.join('\n ')}\n}\n}`,
);

export const nftRulesets = fc
  .tuple(table('first', 0), fc.option(table('second', 10)), fc.option(fc.oneof(nat, natOfBoth)))
  .map((tables) => tables.filter((one) => one !== null).join('\n'));

// ---------------------------------------------------------------- iptables

const iptMatch = (family: 4 | 6) => {
  const [near, net, far] =
    family === 4 ? ['10.9.0.2', '10.9.0.0/24', '10.9.0.3'] : ['fd09:9::2', 'fd09:9::/64', 'fd09:9::7'];
  return one(
    '-p tcp --dport 22',
    '-p tcp --dport 80:443',
    '-p tcp ! --dport 80',
    '-p tcp -m multiport --dports 22,8080',
    '-p tcp -m multiport ! --dports 22,80:90',
    '-p udp --dport 80',
    '-p tcp',
    '-p tcp --syn',
    '-p tcp ! --syn',
    '-p tcp --tcp-flags SYN,ACK,FIN,RST SYN',
    '-p tcp --sport 1024:65535',
    `-s ${near}`,
    `! -s ${near}`,
    `-s ${net}`,
    `-d ${far}`,
    `! -d ${far}`,
    '-i eth0',
    '! -i eth0',
    '-i eth+',
    '-i lo',
    '-m conntrack --ctstate NEW',
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    '-m conntrack ! --ctstate NEW',
    '-m state --state NEW,INVALID',
    '-m conntrack --ctstate DNAT',
    '-m comment --comment "a \\"word\\" of it"',
    '-m addrtype --dst-type LOCAL',
    '-m addrtype ! --src-type LOCAL',
    '-m mark --mark 0x1',
    '-m mark ! --mark 0x1/0x3',
    `-m iprange --src-range ${near}-${far}`,
    '-m limit --limit 1/hour',
    '-m hashlimit --hashlimit-above 1/hour --hashlimit-name x --hashlimit-mode srcip',
    '-m pkttype --pkt-type unicast',
    '-m statistic --mode random --probability 0.5',
    '-p all',
    family === 4 ? '-p icmp' : '-p ipv6-icmp',
    '-m tcpmss --mss 1400:1500 -p tcp --syn',
    '-m length --length 0:100',
    '-m ttl --ttl-gt 3'.replace('-m ttl --ttl', family === 4 ? '-m ttl --ttl' : '-m hl --hl'),
  );
};
const iptEnd = (family: 4 | 6) =>
  one(
    '-j ACCEPT',
    '-j DROP',
    '-j REJECT',
    '-p tcp -j REJECT --reject-with tcp-reset',
    '-j RETURN',
    '-j LOG',
    '',
    '-j ASIDE',
    '-g ASIDE',
    '-j ACCEPT',
    '-j DROP',
    `-j REJECT --reject-with ${family === 4 ? 'icmp-host-prohibited' : 'icmp6-adm-prohibited'}`,
    '-j FURTHER',
  );
const iptRule = (family: 4 | 6, chain: string) =>
  fc
    .tuple(fc.array(iptMatch(family), { maxLength: 2 }), iptEnd(family))
    .filter(
      ([all, last]) =>
        [...all, last].filter((part) => /-p /.test(part)).length <= 1 &&
        new Set(all.map((part) => part.split(' ').filter((word) => word !== '!')[0])).size === all.length,
    )
    .map(([all, last]) => `-A ${chain} ${[...all, last].join(' ')}`);
const isFlat = (rule: string) => !/ASIDE|FURTHER/.test(rule.replace(/^-A \S+/, ''));
const marks = fc
  .tuple(one('-p tcp --dport 22', '-p tcp --dport 80', ''), one('0x1', '0x2', '0x1/0x1', '0x3/0x2'))
  .map(([match, mark]) => `-A PREROUTING ${match} -j MARK --set-xmark ${mark}`);
const iptNat = (family: 4 | 6) =>
  fc
    .tuple(
      one(
        '-p tcp --dport 80',
        '-p tcp --dport 443',
        '-p tcp -m multiport --dports 22,8080',
        '-p tcp -m addrtype --dst-type LOCAL --dport 80',
      ),
      family === 4
        ? one(
            '-j DNAT --to-destination 10.8.0.2:8080',
            '-j DNAT --to-destination 10.8.0.2',
            '-j REDIRECT --to-ports 22',
            '-j RETURN',
            '-j ACCEPT',
          )
        : one(
            '-j DNAT --to-destination [fd09:8::2]:8080',
            '-j DNAT --to-destination fd09:8::2',
            '-j REDIRECT --to-ports 22',
            '-j RETURN',
          ),
    )
    .map(([match, last]) => `-A PREROUTING ${match} ${last}`);

export const iptablesRulesets = (family: 4 | 6) =>
  fc
    .record({
      policy: one('ACCEPT', 'ACCEPT', 'DROP'),
      further: rules(iptRule(family, 'FURTHER').filter(isFlat), 3),
      aside: rules(
        iptRule(family, 'ASIDE').filter((rule) => !/-[jg] ASIDE/.test(rule)),
        3,
      ),
      input: rules(iptRule(family, 'INPUT'), 5),
      forward: rules(
        iptRule(family, 'FORWARD -i eth0').filter((rule) => isFlat(rule) && !/-i \S+ .*-i /.test(rule)),
        2,
      ),
      marks: rules(marks, 2),
      nat: rules(iptNat(family), 2),
    })
    .map(({ policy, further, aside, input, forward, marks, nat }) =>
      [
        '*mangle',
        ':PREROUTING ACCEPT [0:0]',
        ...marks,
        'COMMIT',
        '*nat',
        ':PREROUTING ACCEPT [0:0]',
        ...nat,
        'COMMIT',
        '*filter',
        `:INPUT ${policy} [0:0]`,
        ':FORWARD ACCEPT [0:0]',
        ':ASIDE - [0:0]',
        ':FURTHER - [0:0]',
        '-A INPUT -p tcp ! --tcp-flags SYN SYN -j ACCEPT',
        '-A FORWARD -p tcp ! --tcp-flags SYN SYN -j ACCEPT',
        ...input,
        ...aside,
        ...further,
        ...forward,
        'COMMIT',
        '',
      ].join('\n'),
    );
