import { describe, expect, test } from 'vitest';
import { factsOf } from '../../src/judge/facts/index.ts';
import { readingsAt } from '../../src/judge/readings/index.ts';
import { reportOf } from '../../src/judge/report-of.ts';
import type { HttpData } from '../../src/model/measured.ts';
import type { Observation, ProbeCatalogue } from '../../src/model/probes.ts';
import type { Request } from '../../src/model/request.ts';
import { connect, evidence, HOST, observation, trace } from '../evidence.ts';

const report = (target: Partial<Request['target']>, ...observations: Observation[]) =>
  reportOf(evidence({ target: { port: 8080, ...target } }, connect('open'), ...observations), [], {
    version: '0',
    durationMs: 1,
  });
const guessed = { service: 'http-alt', serviceNamed: false };
const asked = (outcome: ProbeCatalogue['http']['outcome'], ended: HttpData['ended']): Observation =>
  observation(
    'http',
    'http-1',
    { address: HOST, port: 8080, host: HOST, path: '/', timeoutMs: 400 },
    outcome,
    { connectMs: 1, http: { ended, status: null, otherText: null, otherProtocol: null } as HttpData },
    { durationMs: 412 },
  );

describe('a service that only the port suggests', () => {
  test.each([
    ['stalled', 'did not answer within 0.4 s'],
    ['closed', 'closed the connection'],
    ['reset', 'reset the connection'],
  ] as const)('%s: no fault, and told', (ended, words) => {
    const { outcome, cannotTell } = report(guessed, asked(ended, ended));
    expect(outcome).toBe('reachable');
    expect(cannotTell).toHaveLength(1);
    expect(cannotTell[0]?.text).toContain(`was asked in HTTP and ${words}.`);
    expect(cannotTell[0]?.decidedBy).toContain(`http://${HOST}:8080`);
  });

  test('what was named, and what is not known, gets no such note', () => {
    expect(report({ ...guessed, serviceNamed: true }, asked('stalled', 'stalled')).cannotTell).toEqual([]);
    expect(report({ service: null }).cannotTell).toEqual([]);
  });

  test('a conversation that could not be begun is among what was not checked', () => {
    const unspoken = observation(
      'http',
      'http-1',
      { address: HOST, port: 8080, host: HOST, path: '/', timeoutMs: 400 },
      'not-connected',
      null,
      { reason: 'A second connection was not made: timeout.' },
    );
    expect(report(guessed, unspoken).notChecked).toMatchObject([{ probe: 'http', enable: null }]);
  });

  test('a hosts file that may not be read is, too', () => {
    const unread = observation('hosts-file', 'hosts-file', { host: HOST }, 'unreadable', null, {
      reason: 'unreadable: /etc/hosts',
    });
    expect(report(guessed, unread).notChecked).toEqual([
      { probe: 'hosts-file', reason: '/etc/hosts cannot be read', enable: null },
    ]);
  });
});

test('the address of an interface that is down is one of this machine', () => {
  const run = evidence(
    {},
    connect('unreachable'),
    observation('local-network', 'local-network-1', { address: HOST }, 'measured', {
      route: { kind: 'unicast', device: 'eth0', gateway: '10.0.0.1', source: '10.0.0.99', onLink: false },
      neighbour: null,
      interfaces: [],
      defaultTtl: 64,
      defaultGateway: '10.0.0.1',
    } as unknown as ProbeCatalogue['local-network']['data']),
  );
  expect(reportOf(run, [], { version: '0', durationMs: 1 }).vantage.addresses).toContain('10.0.0.99');
});

test.each([
  [['*', '*'], null],
  [['10.0.0.1', '*'], 1],
  [['10.0.0.1', '10.0.1.1'], 2],
])('of a path that shows %j the last hop is %s', (hops, lastHop) => {
  expect(report({ port: 5432 }, trace('target', hops)).paths.map((one) => one.lastHop)).toEqual([lastHop]);
});

test('a proxy whose name leads to no address is told, and nobody is said to have declined', () => {
  const nobody = observation(
    'proxy-connect',
    'proxy-connect',
    { proxyHost: 'proxy-old.test', proxyPort: 3128, host: HOST, port: 8080, timeoutMs: 2500 },
    'unresolved',
    { status: null },
  );
  const run = evidence(
    { vantage: { proxy: { variable: 'https_proxy', host: 'proxy-old.test', port: 3128 } } },
    connect('timeout'),
    nobody,
  );
  const { cannotTell } = reportOf(run, [], { version: '0', durationMs: 1 });
  expect(cannotTell.map(({ text }) => text)).toEqual([
    expect.stringContaining('https_proxy sets the proxy proxy-old.test:3128, and the name of that proxy'),
  ]);
  expect(factsOf(readingsAt(run, HOST))).toMatchObject({ 'proxy.opens': null, 'proxy.unresolved': true });
});
