import { PassThrough, Writable } from 'node:stream';
import type { Parts } from '../../src/command/engine.ts';
import type { Io } from '../../src/command/main.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Cause, Outcome, Report } from '../../src/model/report.ts';
import type { Request } from '../../src/model/request.ts';
import type { Rule } from '../../src/model/rule.ts';

/** A writable that remembers; `isTTY` and `columns` as wished. Inquirer ends the stream it writes to, which this one survives. */
class Memory extends Writable {
  text = '';
  isTTY: boolean;
  columns = 80;
  rows = 24;
  constructor(isTTY = false) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }
  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void) {
    this.text += chunk.toString();
    done();
  }
  override end(): this {
    return this;
  }
}

export interface FakeIo extends Io {
  stdin: PassThrough & { isTTY?: boolean };
  stdout: Memory;
  stderr: Memory;
  stop: AbortController;
}

export function fakeIo(options: { terminal?: boolean; env?: Record<string, string> } = {}): FakeIo {
  const stop = new AbortController();
  const stdin = new PassThrough() as FakeIo['stdin'];
  stdin.isTTY = options.terminal === true;
  return {
    stdin,
    stdout: new Memory(options.terminal === true),
    stderr: new Memory(options.terminal === true),
    env: options.env ?? { TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    platform: 'linux',
    version: '0.1.0',
    interrupt: stop.signal,
    stop,
  };
}

function fakeReport(request: Request, outcome: Outcome = 'unreachable', causes: Cause[] = []): Report {
  const { input, host, port, service } = request.target;
  return {
    schema: 'reachdoctor.report/1',
    tool: { name: 'reachdoctor', version: '0.1.0' },
    startedAt: '2026-11-20T12:00:00.000Z',
    durationMs: 12,
    target: { input, host, port, service, addresses: [] },
    outcome,
    headline: `TCP ${port} on ${host} is ${outcome}.`,
    causes,
    ruledOut: [],
    cannotTell: [],
    notChecked: [],
    paths: [],
    observations: [],
    vantage: { os: 'linux', addresses: ['10.0.0.5'], resolvers: [], privileges: 'user' },
  };
}

export const PORT_CLOSED: Cause = {
  id: 'port-closed',
  title: 'Nothing listens on TCP 9',
  confidence: 0.97,
  likelihood: 'very likely',
  layer: 'host',
  owner: 'server-admin',
  address: '192.0.2.7',
  where: { kind: 'target', address: '192.0.2.7' },
  because: [],
  against: [],
  fixes: [],
  verify: [],
  explains: [],
};

const RULES: Rule[] = [
  {
    id: 'port-closed',
    title: 'Nothing listens on TCP {port}',
    layer: 'host',
    owner: 'server-admin',
    about: 'The host answers that no program listens there.',
    when: {
      all: [
        { 'tcp.outcome': 'refused' },
        { any: [{ 'path.refusedNearer': false }, { 'path.refusedNearer': { measured: false } }] },
      ],
    },
    prior: 0,
    priorReason: 'common',
    place: [{ at: 'target' }],
    evidence: [
      { if: { 'tcp.outcome': 'refused' }, weight: 2, say: 'TCP {port} is refused.' },
      { if: { 'tcp.mixed': true }, weight: -1, say: 'Some attempts are answered differently.' },
    ],
    fix: [{ who: 'server-admin', do: 'Start the service.', run: 'systemctl start SERVICE' }],
    verify: [
      { who: 'server-admin', do: 'Look for a listener.', run: 'ss -ltn', expect: 'A line with :{port}.' },
    ],
    ruledOut: [{ if: { 'tcp.outcome': 'open' }, say: 'TCP {port} is open.' }],
    confusedWith: [
      {
        id: 'network-firewall-reject',
        say: 'A firewall can answer in its place.',
        decidedBy: 'the distance of the answer',
      },
    ],
    supersedes: [],
  },
  {
    id: 'host-down',
    title: '{host} is off',
    layer: 'host',
    owner: 'server-admin',
    about: 'Nothing has that address.',
    when: { 'tcp.outcome': { in: ['timeout', 'unreachable'] } },
    prior: 0,
    priorReason: 'common',
    place: [],
    evidence: [],
    fix: [],
    verify: [],
    ruledOut: [],
    confusedWith: [],
    supersedes: [],
  },
];

export interface FakeParts extends Parts {
  requests: Request[];
}

export function fakeParts(more: Partial<Parts> & { outcome?: Outcome; causes?: Cause[] } = {}): FakeParts {
  const requests: Request[] = [];
  return {
    requests,
    source: async () => null,
    doors: async () => {
      throw new Error('nothing here may touch the network');
    },
    rules: async () => ({ rules: RULES, problems: [], notices: [] }),
    diagnose: async (request) => {
      requests.push(request);
      return { report: fakeReport(request, more.outcome, more.causes), evidence: fakeEvidence(request) };
    },
    many: async () => async (request) => {
      requests.push(request);
      return { report: fakeReport(request, more.outcome, more.causes), evidence: fakeEvidence(request) };
    },
    replay: async (evidence) => fakeReport(evidence.request, more.outcome),
    screen: async (report) => `SCREEN ${report.headline}\n`,
    document: async (format, report) =>
      format === 'json' ? `${JSON.stringify(report)}\n` : `${format.toUpperCase()} ${report.headline}\n`,
    redactReport: async (report) => ({ ...report, vantage: { ...report.vantage, addresses: ['address-1'] } }),
    redactEvidence: async (evidence) => ({ ...evidence, startedAt: 'redacted' }),
    // Whoever is no terminal hears of a long run only.
    progress: async (stream, { style }) => ({
      onEvent: () => {},
      stop: () => void (style === 'seldom' || stream.write('PROGRESS\n')),
    }),
    ...more,
  };
}

function fakeEvidence(request: Request): Evidence {
  return {
    request,
    vantage: {
      os: 'linux',
      addresses: [],
      resolvers: [],
      searchDomains: [],
      ndots: 1,
      privileges: 'user',
      proxyVariables: [],
    },
    startedAt: '2026-11-20T12:00:00.000Z',
    observations: [],
  };
}
