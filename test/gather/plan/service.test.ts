import { describe, expect, test } from 'vitest';
import { serviceSteps } from '../../../src/gather/plan/service.ts';
import { addressesOf } from '../../../src/judge/readings/addresses.ts';
import { connectsOf } from '../../../src/judge/readings/connects.ts';
import type { Readings } from '../../../src/judge/readings/index.ts';
import { measuredIn } from '../../../src/judge/readings/measured.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Observation } from '../../../src/model/probes.ts';

const ADDRESS = '192.0.2.7';
function evidence(
  target: Partial<Evidence['request']['target']>,
  observations: object[] = [],
  sni: string | null = null,
): Evidence {
  return {
    request: {
      target: {
        input: 'x',
        host: 'good.test',
        port: 443,
        service: 'https',
        serviceNamed: true,
        path: '/a',
        ...target,
      },
      family: null,
      sni,
      caPem: null,
      answers: {},
    },
    observations: observations as Observation[],
  } as unknown as Evidence;
}
/** Only what these steps are made from. */
function steps(from: Evidence) {
  const here = measuredIn(from.observations);
  const readings = {
    request: from.request,
    observations: from.observations,
    addresses: addressesOf(from),
    connects: connectsOf({ address: ADDRESS, here, all: here }),
  };
  return serviceSteps(readings as unknown as Readings, ADDRESS, 1);
}
const probes = (from: Evidence) => steps(from).map(({ probe }) => probe);

describe('the first conversation', () => {
  test.each([
    ['https', 'tls'],
    ['imaps', 'tls'],
    ['ssh', 'ssh'],
    ['http', 'http'],
    ['submission', 'greeting'],
    ['redis', 'greeting'],
    [null, 'greeting'],
    ['irc', 'greeting'],
  ])('%s is asked with %s, and with nothing else', (service, probe) => {
    expect(probes(evidence({ service }))).toEqual([probe]);
  });

  test('a name goes into SNI, an address never', () => {
    expect(steps(evidence({}))[0]?.input).toMatchObject({
      serverName: 'good.test',
      httpPath: '/a',
      httpHost: 'good.test',
      httpExpected: true,
    });
    const address = { host: ADDRESS };
    expect(steps(evidence(address))[0]?.input).toMatchObject({
      serverName: null,
      expectedAddress: ADDRESS,
    });
    expect(steps(evidence({ ...address, serviceNamed: false }))[0]?.input).toMatchObject({
      serverName: null,
      expectedAddress: null,
    });
    expect(steps(evidence(address, [], 'sni.test'))[0]?.input).toMatchObject({
      serverName: 'sni.test',
    });
  });

  test('the Host header has the port where it is not the usual one', () => {
    expect(steps(evidence({ port: 8443 }))[0]?.input).toMatchObject({ httpHost: 'good.test:8443' });
    expect(steps(evidence({ service: 'http', port: 80, host: '2001:db8::7' }))[0]?.input).toMatchObject({
      host: '[2001:db8::7]',
    });
  });
});

describe('what follows', () => {
  test.each([
    [{ service: 'https' }, { id: 'tls-1', probe: 'tls', outcome: 'ok' }, ['tls']],
    [{ service: 'https' }, { id: 'tls-1', probe: 'tls', outcome: 'untrusted' }, ['tls']],
    [{ service: 'https' }, { id: 'tls-1', probe: 'tls', outcome: 'stalled' }, ['tls', 'stall']],
    [{ service: 'https' }, { id: 'tls-1', probe: 'tls', outcome: 'reset' }, ['tls', 'tcp-connect', 'stall']],
    [
      { service: 'http-alt', serviceNamed: false },
      { id: 'http-1', probe: 'http', outcome: 'closed', data: { http: { status: null } } },
      ['http', 'tcp-connect', 'stall'],
    ],
    [
      { service: 'http-alt', serviceNamed: false },
      { id: 'http-1', probe: 'http', outcome: 'stalled', data: { http: { status: null, untaken: 0 } } },
      ['http'],
    ],
    [
      { service: 'http-alt', serviceNamed: false },
      { id: 'http-1', probe: 'http', outcome: 'stalled', data: { http: { status: null, untaken: 101 } } },
      ['http', 'stall', 'tls'],
    ],
    [
      { service: 'vault', serviceNamed: false },
      { id: 'tls-1', probe: 'tls', outcome: 'reset' },
      ['tls', 'tcp-connect', 'stall'],
    ],
    [
      { service: 'https-alt', serviceNamed: false },
      { id: 'tls-1', probe: 'tls', outcome: 'stalled' },
      ['tls'],
    ],
    [
      { service: 'http' },
      { id: 'http-1', probe: 'http', outcome: 'ok', data: { http: { status: 400 } } },
      ['http', 'tls'],
    ],
    [
      { service: 'http' },
      { id: 'http-1', probe: 'http', outcome: 'ok', data: { http: { status: 200 } } },
      ['http'],
    ],
    [
      { service: 'http', serviceNamed: true },
      {
        id: 'http-1',
        probe: 'http',
        outcome: 'ok',
        data: { http: { status: 200, ended: 'stalled', page: { due: 4096, received: 0 } } },
      },
      ['http', 'stall'],
    ],
    [
      { service: 'http', serviceNamed: true },
      {
        id: 'http-1',
        probe: 'http',
        outcome: 'ok',
        data: { http: { status: 200, ended: 'answered', page: { due: 5, received: 5 } } },
      },
      ['http'],
    ],
    [
      { service: 'ssh' },
      { id: 'ssh-1', probe: 'ssh', outcome: 'closed', data: { otherText: null } },
      ['ssh', 'stall'],
    ],
    [
      { service: 'ssh' },
      { id: 'ssh-1', probe: 'ssh', outcome: 'stalled', data: { otherText: null } },
      ['ssh', 'stall', 'tls'],
    ],
    [
      { service: 'ssh' },
      { id: 'ssh-1', probe: 'ssh', outcome: 'stalled', data: { otherText: 'SS' } },
      ['ssh'],
    ],
    [
      { service: 'ssh' },
      { id: 'ssh-1', probe: 'ssh', outcome: 'ok', data: { offerRead: false } },
      ['ssh', 'stall'],
    ],
    [
      { service: 'smtp' },
      { id: 'greeting-1', probe: 'greeting', outcome: 'stalled', data: { text: null } },
      ['greeting', 'stall', 'tls'],
    ],
    [
      { service: 'smtp' },
      { id: 'greeting-1', probe: 'greeting', outcome: 'refuses', data: { text: '554' } },
      ['greeting'],
    ],
    [{ service: null }, { id: 'greeting-1', probe: 'greeting', outcome: 'waits' }, ['greeting']],
  ])('%j after %j', (target, observation, expected) => {
    expect(probes(evidence(target, [observation]))).toEqual(expected);
  });

  test.each([
    ['stalled', ['ssh', 'stall', 'tls']],
    ['closed', ['ssh', 'stall']],
  ])('SSH is cut, and a connection on which nothing is said is %s', (ended, expected) => {
    const ssh = { id: 'ssh-1', probe: 'ssh', outcome: 'reset', data: { otherText: null } };
    const stall = {
      id: 'stall-1',
      probe: 'stall',
      outcome: 'unclear',
      data: { variants: [{ name: 'as-is', ended }] },
    };
    expect(probes(evidence({ service: 'ssh' }, [ssh, stall]))).toEqual(expected);
  });

  test.each([
    ['http', 'http-1', { http: { status: 200 } }, 6],
    ['https', 'tls-1', { http: { status: 502 } }, 6],
    ['https', 'tls-1', { http: { status: null } }, 0],
    ['https', 'tls-1', { http: null }, 0],
  ])(
    'who says that it comes and goes has a page of %s asked again where %s got %j: %i times',
    (service, id, data, times) => {
      const seen = evidence({ service }, [
        {
          id,
          probe: id.split('-')[0],
          outcome: 'ok',
          final: true,
          input: { port: 443, patienceMs: 9000 },
          data,
        },
      ]);
      const again = (from: Evidence) => steps(from).filter(({ purpose }) => purpose === 'page-again');
      expect(again(seen)).toEqual([]);
      const said = again({ ...seen, request: { ...seen.request, answers: { symptom: 'intermittent' } } });
      expect(said).toHaveLength(times);
      for (const [i, { input }] of said.entries())
        expect(input).toMatchObject({ role: 'sample', patienceMs: 0, startMs: 1000 + i * 1500 });
    },
  );

  test('a redirect to the other scheme of the same host, or to it with or without www, is followed once, any other is not', () => {
    const asked = (service: string, location: string) =>
      steps(
        evidence({ service }, [
          {
            id: service === 'http' ? 'http-1' : 'tls-1',
            probe: service === 'http' ? 'http' : 'tls',
            input: { port: 443 },
            outcome: 'ok',
            final: true,
            data: { http: { status: 301, location } },
          },
        ]),
      ).slice(1);
    expect(asked('http', 'https://good.test/b')).toMatchObject([
      {
        id: 'tls-redirect-1',
        probe: 'tls',
        input: {
          port: 443,
          serverName: 'good.test',
          httpPath: '/b',
          httpHost: 'good.test',
          role: 'redirect',
        },
      },
    ]);
    expect(asked('https', 'http://good.test:8080/b')).toMatchObject([
      { id: 'http-redirect-1', input: { port: 8080, host: 'good.test:8080', path: '/b', role: 'redirect' } },
    ]);
    expect(asked('https', 'https://www.good.test/b')).toMatchObject([
      {
        id: 'tls-redirect-1',
        input: { port: 443, serverName: 'www.good.test', httpPath: '/b', httpHost: 'www.good.test' },
      },
    ]);
    expect(asked('https', 'https://www.good.test:8443/b')).toEqual([]);
    expect(asked('https', 'https://other.test/b')).toEqual([]);
    expect(asked('https', 'https://good.test/login')).toEqual([]);
    expect(asked('http', 'http://good.test/login')).toEqual([]);
    expect(asked('http', 'https://www.good.test/')).toEqual([]);
    expect(asked('https', '/login')).toEqual([]);
  });
});

describe('a long path', () => {
  const connected = (...elapsedMs: number[]) => ({
    id: 'tcp-1',
    probe: 'tcp-connect',
    outcome: 'open',
    input: { address: ADDRESS, role: 'target' },
    data: { attempts: elapsedMs.map((ms) => ({ outcome: 'open', elapsedMs: ms })) },
  });

  test.each([
    [[], 0],
    [[1020, 700.2], 701],
    [[9000], 1500],
  ])('handshakes of %j add %i ms for each round trip', (elapsed, roundTripMs) => {
    const seen = elapsed.length === 0 ? [] : [connected(...elapsed)];
    expect(steps(evidence({}, seen))[0]?.input).toMatchObject({ roundTripMs });
  });
});
