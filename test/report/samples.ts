import type { ConnectAttempt, HopAnswer, TraceRole } from '../../src/model/measured.ts';
import type { Observation, ObservationOf, ProbeName } from '../../src/model/probes.ts';
import type { Cause, Hop, Path, Report } from '../../src/model/report.ts';

/** Reports as a run would write them. Addresses are from the documentation ranges. */

const AT = '2026-11-20T12:00:00.000Z';

function observed<P extends ProbeName>(
  given: Pick<ObservationOf<P>, 'id' | 'probe' | 'input' | 'outcome' | 'data'> & Partial<ObservationOf<P>>,
): Observation {
  return {
    reason: null,
    startedAt: AT,
    durationMs: 12,
    command: null,
    raw: null,
    enable: null,
    final: true,
    ...given,
  } as unknown as Observation;
}

function connected(
  id: string,
  address: string,
  port: number,
  attempts: Partial<ConnectAttempt>[],
  role: 'target' | 'sample' | 'reference-host' = 'target',
): Observation {
  const full = attempts.map(
    (attempt): ConnectAttempt => ({
      startMs: 0,
      outcome: 'timeout',
      code: null,
      elapsedMs: 3500,
      local: false,
      ...attempt,
    }),
  );
  const [first] = full;
  return observed<'tcp-connect'>({
    id,
    probe: 'tcp-connect',
    input: {
      address,
      port,
      role,
      startsMs: full.map(({ startMs }) => startMs),
      endMs: 3500,
      stopAtFirstAnswer: true,
    },
    outcome: first?.outcome ?? 'pending',
    data: { attempts: full },
    durationMs: Math.max(...full.map(({ elapsedMs }) => elapsedMs)),
  });
}

function hop(
  number: number,
  address: string | null,
  answer: HopAnswer,
  rttMs: number | null = null,
  name: string | null = null,
): Hop {
  return { hop: number, address, name, rttMs, answer };
}

function traced(
  id: string,
  path: Path | undefined,
  role: TraceRole,
  outcome: 'reached' | 'stopped' | 'rejected',
): Observation {
  if (path === undefined) throw new Error('a sample without its path');
  const { method, address, port } = path;
  return observed<'trace-syn'>({
    id,
    probe: 'trace-syn',
    input: { address, port: port ?? 0, protocol: 'tcp', role, holdMs: 3200, maxTtl: 30, silentLimit: 4 },
    outcome,
    data: {
      method,
      protocol: 'tcp',
      port,
      address,
      counters: null,
      replies: path.hops.map((seen) => ({
        ttl: seen.hop,
        answer: seen.answer,
        from: seen.address,
        icmpType: seen.answer === 'time-exceeded' ? 11 : seen.answer === 'unreachable' ? 3 : null,
        icmpCode: seen.answer === 'time-exceeded' ? 0 : seen.answer === 'unreachable' ? 13 : null,
        errno: null,
        rttMs: seen.rttMs,
        sent: seen.answer === 'silence' ? 2 : 1,
      })),
    },
    durationMs: outcome === 'stopped' ? 3210 : 14,
  });
}

const base = {
  schema: 'reachdoctor.report/1',
  tool: { name: 'reachdoctor', version: '0.1.0' },
  startedAt: AT,
  durationMs: 212,
  causes: [],
  ruledOut: [],
  cannotTell: [],
  notChecked: [],
  paths: [],
  observations: [],
  vantage: { os: 'linux', addresses: ['10.0.0.5'], resolvers: ['10.0.0.1'], privileges: 'user' },
} satisfies Partial<Report>;

const resolved = (host: string, ...addresses: string[]): Observation[] => [
  observed<'system-resolve'>({
    id: 'system-resolve-1',
    probe: 'system-resolve',
    input: { host },
    outcome: 'resolved',
    data: {
      addresses: addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      code: null,
    },
  }),
];

export const healthy: Report = {
  ...base,
  target: {
    input: 'https://www.example.com/',
    host: 'www.example.com',
    port: 443,
    service: 'https',
    addresses: [{ address: '192.0.2.10', family: 4, source: 'dns', outcome: 'open' }],
  },
  outcome: 'reachable',
  headline: 'TCP 443 on 192.0.2.10 accepted the connection in 12 ms.',
  observations: [
    ...resolved('www.example.com', '192.0.2.10'),
    connected('tcp-1', '192.0.2.10', 443, [{ outcome: 'open', elapsedMs: 12 }]),
  ],
};

const dropCause: Cause = {
  id: 'network-firewall-drop',
  title: 'A firewall on the way silently drops TCP 5432',
  confidence: 0.91,
  likelihood: 'very likely',
  layer: 'path',
  owner: 'network-admin',
  address: '192.0.2.7',
  where: { kind: 'between', hop: 3, address: '198.51.100.9', next: { hop: 4, address: '203.0.113.5' } },
  because: [
    {
      evidence: ['trace-syn-1', 'trace-syn-2'],
      text: 'Packets to TCP 22 reach db.example.com; packets to TCP 5432 are last seen at hop 3 (198.51.100.9).',
    },
    {
      evidence: ['tcp-1'],
      text: 'Four connection attempts to TCP 5432 within 3.5 s brought no answer of any kind.',
    },
  ],
  against: [
    {
      evidence: ['trace-syn-1'],
      text: 'Hop 4 answers only some packets, so the drop may be one hop further than it seems.',
    },
  ],
  fixes: [
    {
      who: 'network-admin',
      do: 'Allow TCP 5432 from 10.0.0.5 to 192.0.2.7 on 198.51.100.9 (hop 3) or 203.0.113.5 (hop 4).',
      run: null,
    },
  ],
  verify: [
    {
      who: 'server-admin',
      do: 'Watch for the packets on the server while the client runs the test again.',
      run: "sudo tcpdump -ni any 'tcp port 5432 and host 10.0.0.5'",
      expect:
        "No packets: they are dropped before the server. Packets and no reply: the server's own firewall drops them.",
    },
    {
      who: 'you',
      do: 'Test again after the change.',
      run: 'reachdoctor --diagnose db.example.com:5432',
      expect: 'The first line says that the target is reachable.',
    },
  ],
  explains: [],
};

const toHop3 = [
  hop(1, '10.0.0.1', 'time-exceeded', 0.4, 'gw.office.example'),
  hop(2, '198.51.100.1', 'time-exceeded', 3.1, 'core1.isp.example'),
  hop(3, '198.51.100.9', 'time-exceeded', 4.2, 'edge7.isp.example'),
];

const dropPaths: Path[] = [
  {
    method: 'tcp-syn',
    port: 5432,
    address: '192.0.2.7',
    reached: false,
    lastHop: 3,
    hops: [...toHop3, ...[4, 5, 6, 7].map((number) => hop(number, null, 'silence'))],
  },
  {
    method: 'tcp-syn',
    port: 22,
    address: '192.0.2.7',
    reached: true,
    lastHop: 5,
    hops: [...toHop3, hop(4, '203.0.113.5', 'time-exceeded', 9.8), hop(5, null, 'syn-ack', 10.4)],
  },
];

export const routerDrop: Report = {
  ...base,
  durationMs: 4012,
  target: {
    input: 'db.example.com:5432',
    host: 'db.example.com',
    port: 5432,
    service: 'postgresql',
    addresses: [{ address: '192.0.2.7', family: 4, source: 'dns', outcome: 'timeout' }],
  },
  outcome: 'unreachable',
  headline: 'TCP 5432 on db.example.com is dropped after hop 3 (198.51.100.9).',
  causes: [
    dropCause,
    {
      ...dropCause,
      id: 'host-firewall-drop',
      title: 'The firewall of db.example.com itself drops TCP 5432',
      confidence: 0.06,
      likelihood: 'possible',
      layer: 'host',
      owner: 'server-admin',
      where: { kind: 'target', address: '192.0.2.7' },
      because: [{ evidence: ['alternate-ports-1'], text: 'TCP 22 on the same host answers.' }],
      against: [
        {
          evidence: ['trace-syn-1'],
          text: 'Packets to TCP 5432 are not seen at hop 4, one before the host.',
        },
      ],
    },
  ],
  ruledOut: [
    { id: 'host-down', text: 'Not the host being down: TCP 22 accepted a connection after 11 ms.' },
    { id: 'port-closed', text: 'Not a closed port: a closed port refuses, and nothing came back.' },
  ],
  cannotTell: [
    {
      text: 'Whether the device drops the packets on its way in or on its way out.',
      decidedBy: 'the packet counters of the rules on 198.51.100.9 (hop 3) or 203.0.113.5 (hop 4)',
    },
  ],
  notChecked: [
    {
      probe: 'trace-command',
      reason: 'traceroute is not installed, so no path by ICMP was seen',
      enable: 'apt install traceroute',
    },
  ],
  paths: dropPaths,
  observations: [
    ...resolved('db.example.com', '192.0.2.7'),
    connected(
      'tcp-1',
      '192.0.2.7',
      5432,
      [0, 250, 1000, 2000].map((startMs) => ({ startMs, elapsedMs: 3500 - startMs })),
    ),
    observed<'alternate-ports'>({
      id: 'alternate-ports-1',
      probe: 'alternate-ports',
      input: { address: '192.0.2.7', ports: [22, 80, 47291], timeoutMs: 1500 },
      outcome: 'some-answered',
      data: {
        ports: [
          { port: 22, outcome: 'open', code: null, elapsedMs: 11 },
          { port: 80, outcome: 'timeout', code: null, elapsedMs: 1500 },
          { port: 47291, outcome: 'refused', code: 'ECONNREFUSED', elapsedMs: 10.6 },
        ],
      },
      durationMs: 1500,
    }),
    observed<'ping'>({
      id: 'ping-1',
      probe: 'ping',
      input: { address: '192.0.2.7', count: 3, timeoutMs: 3000 },
      outcome: 'replies',
      data: {
        sent: 3,
        received: 3,
        minMs: 10.1,
        avgMs: 10.4,
        maxMs: 10.9,
        replyTtl: 60,
        errors: [],
        sendRefused: false,
      },
      command: 'ping -n -c 3 -i 0.2 -W 2 192.0.2.7',
      raw: 'PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n64 bytes from 192.0.2.7: icmp_seq=1 ttl=60 time=10.1 ms\n',
      durationMs: 430,
    }),
    traced('trace-syn-1', dropPaths[0], 'target', 'stopped'),
    traced('trace-syn-2', dropPaths[1], 'reference', 'reached'),
    observed<'trace-command'>({
      id: 'trace-command-1',
      probe: 'trace-command',
      input: {
        address: '192.0.2.7',
        port: 5432,
        role: 'other-protocol',
        protocols: ['icmp'],
        timeoutMs: 4000,
      },
      outcome: 'not-available',
      reason: 'traceroute is not installed',
      enable: 'apt install traceroute',
      data: null,
      durationMs: 2,
    }),
  ],
};

const closedPaths: Path[] = [
  {
    method: 'tcp-syn',
    port: 8080,
    address: '192.0.2.20',
    reached: true,
    lastHop: 3,
    hops: [
      hop(1, '10.0.0.1', 'time-exceeded', 0.4),
      hop(2, '198.51.100.1', 'time-exceeded', 1.1),
      hop(3, null, 'rst', 2.2),
    ],
  },
  {
    method: 'tcp-syn',
    port: 22,
    address: '192.0.2.20',
    reached: true,
    lastHop: 3,
    hops: [
      hop(1, '10.0.0.1', 'time-exceeded', 0.4),
      hop(2, '198.51.100.1', 'time-exceeded', 1.2),
      hop(3, null, 'syn-ack', 2.1),
    ],
  },
];

const portClosed: Report = {
  ...base,
  durationMs: 540,
  target: {
    input: '192.0.2.20:8080',
    host: '192.0.2.20',
    port: 8080,
    service: 'http',
    addresses: [{ address: '192.0.2.20', family: 4, source: 'literal', outcome: 'refused' }],
  },
  outcome: 'unreachable',
  headline: 'Nothing listens on TCP 8080 of 192.0.2.20.',
  causes: [
    {
      id: 'port-closed',
      title: 'Nothing listens on TCP 8080 of 192.0.2.20',
      confidence: 0.93,
      likelihood: 'very likely',
      layer: 'host',
      owner: 'service-owner',
      address: '192.0.2.20',
      where: { kind: 'target', address: '192.0.2.20' },
      because: [
        {
          evidence: ['tcp-1', 'trace-syn-1'],
          text: 'The refusal comes from hop 3, the same distance at which TCP 22 accepts connections: from the host itself.',
        },
      ],
      against: [],
      fixes: [
        {
          who: 'service-owner',
          do: 'Start the service, or let it listen on 192.0.2.20 and not only on 127.0.0.1.',
          run: 'sudo systemctl status',
        },
      ],
      verify: [
        {
          who: 'server-admin',
          do: 'List what listens on the port.',
          run: "sudo ss -ltnp 'sport = :8080'",
          expect:
            'No line: nothing listens. 127.0.0.1:8080: it listens for the server itself only. *:8080 or 192.0.2.20:8080: a firewall of the server refuses.',
        },
      ],
      explains: [],
    },
  ],
  ruledOut: [{ id: 'host-down', text: 'Not the host being down: it refused the connection after 2 ms.' }],
  cannotTell: [
    {
      text: 'Whether the port is closed or the server’s own firewall answers with a TCP reset: both look the same from here.',
      decidedBy: 'the list of listening ports on the server',
    },
  ],
  paths: closedPaths,
  observations: [
    connected('tcp-1', '192.0.2.20', 8080, [{ outcome: 'refused', code: 'ECONNREFUSED', elapsedMs: 2.2 }]),
    traced('trace-syn-1', closedPaths[0], 'target', 'reached'),
    traced('trace-syn-2', closedPaths[1], 'reference', 'reached'),
    observed<'alternate-ports'>({
      id: 'alternate-ports-1',
      probe: 'alternate-ports',
      input: { address: '192.0.2.20', ports: [22, 80], timeoutMs: 1500 },
      outcome: 'some-answered',
      data: {
        ports: [
          { port: 22, outcome: 'open', code: null, elapsedMs: 2.1 },
          { port: 80, outcome: 'refused', code: 'ECONNREFUSED', elapsedMs: 2 },
        ],
      },
    }),
  ],
};

export const nameNotFound: Report = {
  ...base,
  durationMs: 95,
  target: {
    input: 'wwww.example.com:443',
    host: 'wwww.example.com',
    port: 443,
    service: 'https',
    addresses: [],
  },
  outcome: 'unreachable',
  headline: 'The name wwww.example.com does not exist.',
  causes: [
    {
      id: 'dns-name-not-found',
      title: 'The name wwww.example.com does not exist in DNS',
      confidence: 0.97,
      likelihood: 'very likely',
      layer: 'dns',
      owner: 'dns-admin',
      address: null,
      where: { kind: 'resolver', address: '10.0.0.1' },
      because: [
        {
          evidence: ['dns-1'],
          text: 'The resolver 10.0.0.1 answered NXDOMAIN for wwww.example.com after 8 ms.',
        },
      ],
      against: [],
      fixes: [
        { who: 'you', do: 'Check the spelling of the name.', run: null },
        {
          who: 'dns-admin',
          do: 'Add an A or AAAA record for wwww.example.com, if the name is meant to exist.',
          run: null,
        },
      ],
      verify: [
        {
          who: 'you',
          do: 'Ask the resolver again.',
          run: 'dig @10.0.0.1 wwww.example.com A',
          expect: 'status: NXDOMAIN as long as the name is missing; NOERROR and an address once it is there.',
        },
      ],
      explains: [],
    },
  ],
  ruledOut: [
    { id: 'dns-resolver-unreachable', text: 'Not a dead resolver: 10.0.0.1 answered after 8 ms.' },
    { id: 'dns-hosts-override', text: 'Not the hosts file: /etc/hosts does not list the name.' },
  ],
  observations: [
    observed<'system-resolve'>({
      id: 'system-resolve-1',
      probe: 'system-resolve',
      input: { host: 'wwww.example.com' },
      outcome: 'not-found',
      data: { addresses: [], code: 'ENOTFOUND' },
    }),
    observed<'hosts-file'>({
      id: 'hosts-file-1',
      probe: 'hosts-file',
      input: { host: 'wwww.example.com' },
      outcome: 'not-listed',
      data: { path: '/etc/hosts', entries: [] },
    }),
    observed<'dns'>({
      id: 'dns-1',
      probe: 'dns',
      input: {
        resolver: '10.0.0.1',
        port: 53,
        host: 'wwww.example.com',
        configured: true,
        timeoutMs: 2000,
        searchDomains: [],
        ndots: 1,
      },
      outcome: 'answered',
      data: {
        answers: (['A', 'AAAA'] as const).map((type) => ({
          type,
          name: 'wwww.example.com',
          outcome: 'answered',
          rcode: 'NXDOMAIN',
          addresses: [],
          cnames: [],
          ttlSeconds: null,
          extendedErrors: [],
          transport: 'udp',
          elapsedMs: 8,
          ignored: null,
          authoritative: false,
        })),
      },
    }),
  ],
};

export const familyBroken: Report = {
  ...base,
  durationMs: 4100,
  target: {
    input: 'mail.example.com:993',
    host: 'mail.example.com',
    port: 993,
    service: 'imaps',
    addresses: [
      { address: '192.0.2.25', family: 4, source: 'dns', outcome: 'open' },
      { address: '2001:db8:25::993', family: 6, source: 'dns', outcome: 'timeout' },
    ],
  },
  outcome: 'impaired',
  headline: 'mail.example.com:993 is reachable over IPv4 and not over IPv6.',
  causes: [
    {
      id: 'address-family-broken',
      title: 'mail.example.com answers over IPv4 and not over IPv6',
      confidence: 0.88,
      likelihood: 'very likely',
      layer: 'host',
      owner: 'server-admin',
      address: '2001:db8:25::993',
      where: null,
      because: [
        { evidence: ['tcp-1'], text: 'TCP 993 on 192.0.2.25 accepted the connection after 14 ms.' },
        { evidence: ['tcp-2'], text: 'TCP 993 on 2001:db8:25::993 brought no answer in 3.5 s.' },
      ],
      against: [
        {
          evidence: ['local-network-1'],
          text: 'This machine has an IPv6 address and a default route, so IPv6 is in use here.',
        },
      ],
      fixes: [
        {
          who: 'server-admin',
          do: 'Let the service listen on 2001:db8:25::993 and allow TCP 993 there.',
          run: null,
        },
        { who: 'dns-admin', do: 'Or remove the AAAA record until IPv6 works.', run: null },
      ],
      verify: [
        {
          who: 'you',
          do: 'Test IPv6 alone.',
          run: 'reachdoctor --diagnose mail.example.com:993 -6',
          expect: 'The first line says that the target is reachable.',
        },
      ],
      explains: [
        {
          id: 'host-firewall-drop',
          title: 'The firewall of mail.example.com drops TCP 993',
          address: '2001:db8:25::993',
          because: [],
        },
      ],
    },
  ],
  observations: [
    ...resolved('mail.example.com', '192.0.2.25', '2001:db8:25::993'),
    connected('tcp-1', '192.0.2.25', 993, [{ outcome: 'open', elapsedMs: 14 }]),
    connected('tcp-2', '2001:db8:25::993', 993, [{}, { startMs: 1000, elapsedMs: 2500 }]),
    observed<'local-network'>({
      id: 'local-network-1',
      probe: 'local-network',
      input: { address: '2001:db8:25::993' },
      outcome: 'measured',
      data: {
        route: {
          kind: 'unicast',
          device: 'eth0',
          gateway: 'fe80::1',
          source: '2001:db8:1::5',
          onLink: false,
        },
        neighbour: { address: 'fe80::1', state: 'REACHABLE' },
        interfaces: [],
      },
    }),
  ],
  vantage: { ...base.vantage, addresses: ['10.0.0.5', '2001:db8:1::5'] },
};

export const undetermined: Report = {
  ...base,
  durationMs: 20_000,
  target: {
    input: 'ssh://198.51.100.77',
    host: '198.51.100.77',
    port: 22,
    service: 'ssh',
    addresses: [{ address: '198.51.100.77', family: 4, source: 'literal', outcome: 'pending' }],
  },
  outcome: 'undetermined',
  headline: 'The run was stopped before the first connection attempt was answered.',
  notChecked: [
    {
      probe: 'trace-syn',
      reason: 'the run was stopped first',
      enable: 'reachdoctor --diagnose 198.51.100.77:22 --max-time 30',
    },
    { probe: 'ping', reason: 'ping is not installed', enable: 'apt install iputils-ping' },
  ],
  observations: [
    connected('tcp-1', '198.51.100.77', 22, [{ outcome: 'pending', elapsedMs: 400 }]),
    observed<'ping'>({
      id: 'ping-1',
      probe: 'ping',
      input: { address: '198.51.100.77', count: 3, timeoutMs: 3000 },
      outcome: 'not-available',
      reason: 'ping is not installed',
      enable: 'apt install iputils-ping',
      data: null,
    }),
  ],
};

/** The drop is at the last router or at the host: the client cannot tell, and the report must not. */
const sharedConfidence: Report = {
  ...routerDrop,
  headline: 'TCP 5432 on db.example.com is dropped after hop 4 (203.0.113.5).',
  causes: [
    {
      ...dropCause,
      id: 'host-firewall-drop',
      title: 'The firewall of db.example.com itself drops TCP 5432',
      confidence: 0.52,
      likelihood: 'likely',
      layer: 'host',
      owner: 'server-admin',
      where: { kind: 'between', hop: 4, address: '203.0.113.5', next: { hop: 5, address: '192.0.2.7' } },
      against: [],
    },
    {
      ...dropCause,
      confidence: 0.41,
      likelihood: 'possible',
      where: { kind: 'between', hop: 4, address: '203.0.113.5', next: { hop: 5, address: '192.0.2.7' } },
      against: [],
    },
  ],
  observations: routerDrop.observations,
  paths: [
    {
      ...(dropPaths[0] as Path),
      lastHop: 4,
      hops: [
        ...toHop3,
        hop(4, '203.0.113.5', 'time-exceeded', 9.9),
        ...[5, 6, 7, 8].map((number) => hop(number, null, 'silence')),
      ],
    },
    dropPaths[1] as Path,
  ],
};

const rejectPath: Path = {
  ...(dropPaths[0] as Path),
  lastHop: 2,
  hops: [
    hop(1, '10.0.0.1', 'time-exceeded', 0.4),
    hop(2, '198.51.100.1', 'time-exceeded', 3.1),
    hop(3, '198.51.100.1', 'unreachable', 3.2),
  ],
};

/** A router says no: the box that answered has an address, and the path ends with its word. */
const routerReject: Report = {
  ...routerDrop,
  durationMs: 690,
  target: {
    ...routerDrop.target,
    addresses: [{ address: '192.0.2.7', family: 4, source: 'dns', outcome: 'unreachable' }],
  },
  headline: 'TCP 5432 on db.example.com is rejected by hop 2 (198.51.100.1).',
  causes: [
    {
      ...dropCause,
      id: 'network-firewall-reject',
      title: 'A firewall on the way rejects TCP 5432',
      confidence: 0.96,
      where: { kind: 'hop', hop: 2, address: '198.51.100.1' },
      because: [
        {
          evidence: ['trace-syn-1'],
          text: '198.51.100.1 answered "administratively prohibited" (ICMP 3/13) to packets for TCP 5432; it is not the target.',
        },
      ],
      against: [],
      fixes: [
        {
          who: 'network-admin',
          do: 'Allow TCP 5432 from 10.0.0.5 to 192.0.2.7 on 198.51.100.1.',
          run: null,
        },
      ],
      verify: [
        {
          who: 'network-admin',
          do: 'Watch the counters of the reject rules on 198.51.100.1 while the client runs the test again.',
          run: 'sudo nft list ruleset | grep -B2 reject',
          expect: 'The rule whose counter rises is the one that rejects TCP 5432.',
        },
      ],
    },
  ],
  ruledOut: [{ id: 'host-down', text: 'Not the host being down: TCP 22 accepted a connection after 11 ms.' }],
  cannotTell: [],
  paths: [rejectPath, dropPaths[1] as Path],
  observations: [
    connected('tcp-1', '192.0.2.7', 5432, [{ outcome: 'unreachable', code: 'EHOSTUNREACH', elapsedMs: 3.2 }]),
    traced('trace-syn-1', rejectPath, 'target', 'rejected'),
    traced('trace-syn-2', dropPaths[1], 'reference', 'reached'),
  ],
};

const longHost = `${'a-very-long-label-in-a-name-'.repeat(2)}x.${'department-of-long-names.'.repeat(5)}example.com`;

/** Nothing of this fits: a host name of 190 characters, full-length IPv6 addresses, an unbreakable reverse name. */
const longNames: Report = JSON.parse(
  JSON.stringify(routerDrop)
    .replaceAll('db.example.com', longHost)
    .replaceAll('192.0.2.7', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff07')
    .replaceAll('198.51.100.9', '2001:db8:1111:2222:3333:4444:5555:6609')
    .replaceAll('203.0.113.5', '2001:db8:9999:8888:7777:6666:5555:4405')
    .replaceAll('10.0.0.5', '2001:db8:1234:5678:9abc:def0:1234:5605')
    .replaceAll('edge7.isp.example', `${'ae-17-0-edge-router-'.repeat(6)}isp.example`)
    .replaceAll('"family":4', '"family":6'),
);

/** IPv6 at full length with short names: the addresses are the wide thing. */
const longAddresses: Report = JSON.parse(
  JSON.stringify(routerDrop)
    .replaceAll('192.0.2.7', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff07')
    .replaceAll('198.51.100.1"', '2001:db8:1111:2222:3333:4444:5555:6601"')
    .replaceAll('198.51.100.9', '2001:db8:1111:2222:3333:4444:5555:6609')
    .replaceAll('203.0.113.5', '2001:db8:9999:8888:7777:6666:5555:4405')
    .replaceAll('10.0.0.1"', '2001:db8:1234:5678:9abc:def0:1234:5601"')
    .replaceAll('10.0.0.5', '2001:db8:1234:5678:9abc:def0:1234:5605')
    .replaceAll('"family":4', '"family":6'),
);

export const SAMPLES: Record<string, Report> = {
  healthy,
  'router-drops-the-port': routerDrop,
  'router-rejects-the-port': routerReject,
  'router-or-host-drops-the-port': sharedConfidence,
  'port-closed': portClosed,
  'name-not-found': nameNotFound,
  'ipv6-does-not-answer': familyBroken,
  undetermined,
  'very-long-names': longNames,
  'long-ipv6-addresses': longAddresses,
};
