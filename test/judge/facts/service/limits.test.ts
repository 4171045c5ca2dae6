import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../../src/model/facts.ts';
import type { HttpData } from '../../../../src/model/measured.ts';
import { facts, HOST, observation, type Wish } from '../../../evidence.ts';

/** What a web server's answer tells, both sides of every number. */
const HTTP: HttpData = {
  ended: 'answered',
  method: 'GET',
  status: 200,
  reason: 'OK',
  location: null,
  server: null,
  date: null,
  proxyAuthenticate: null,
  via: null,
  clockOffsetMs: null,
  otherText: null,
  otherProtocol: null,
  firstByteMs: 5,
};
function asked(
  more: Partial<HttpData>,
  { host = 'good.test', connectMs = 1, again = [] as object[] } = {},
): Facts {
  const wish: Wish = { target: { host, port: 80, service: 'http', serviceNamed: true } };
  const input = { address: HOST, port: 80 } as never;
  const outcome = more.ended === undefined || more.ended === 'answered' ? 'ok' : more.ended;
  const stall = { variants: again, mtu: null, resetTtl: null, lastHop: null } as never;
  return facts(
    wish,
    observation(
      'http',
      'http-1',
      input,
      outcome as never,
      { connectMs, http: { ...HTTP, ...more } },
      { durationMs: 1300 },
    ),
    ...(again.length === 0
      ? []
      : [
          observation(
            'stall',
            'stall-1',
            { address: HOST, port: 80, request: 'http' } as never,
            'unclear',
            stall,
          ),
        ]),
  );
}

describe('HTTP', () => {
  it.each([
    [299, null],
    [300, 'http://other.test/'],
    [399, 'http://other.test/'],
    [400, null],
  ])('%i leads elsewhere: %s', (status, location) => {
    expect(asked({ status, location: 'http://other.test/' })['http.location']).toBe(location);
  });

  it.each([
    [510, false],
    [511, true],
    [512, false],
  ])('%i is the status of a captive portal: %s', (status, portal) => {
    expect(asked({ status })['http.captivePortal']).toBe(portal);
  });

  it.each([
    [1499, 1],
    [1500, 2],
    [-60_000, -60],
  ])('a clock that is %i ms off is off by %i s', (clockOffsetMs, seconds) => {
    expect(asked({ clockOffsetMs })['http.clockOffsetS']).toBe(seconds);
  });

  it.each([
    [0, false, true],
    [1, true, false],
  ])('with %i octets of the question that no TCP took: untaken is %s, well is %s', (untaken, is, well) => {
    expect(asked({ untaken })).toMatchObject({ 'service.untaken': is, 'service.healthy': well });
  });

  it.each([
    [1000, 1, false],
    [1001, 1, true],
    [2000, 200, false],
    [2001, 200, true],
  ])('an answer after %i ms is slow where TCP took %i ms: %s', (firstByteMs, connectMs, slow) => {
    expect(asked({ firstByteMs }, { connectMs })['service.slow']).toBe(slow);
  });
});

describe('a login page is of the same domain', () => {
  it.each([
    ['app.example.com', 'sso.example.com', true],
    ['app.example.com', 'sso.hotel.com', false],
    ['example.com', 'sso.example.com', true],
    ['app.firm.co.uk', 'login.firm.co.uk', true],
    ['app.firm.co.uk', 'login.hotel.co.uk', false],
    ['firm.co.uk', 'hotel.co.uk', false],
    ['app.firm.com.au', 'login.firm.com.au', true],
    ['app.firm.com.au', 'login.hotel.com.au', false],
    ['app.haus.de', 'login.haus.de', true],
    ['app.haus.de', 'login.hotel.de', false],
    ['app.firm.museum', 'login.firm.museum', true],
    ['app.art.museum', 'login.art.museum', true],
  ])('from %s to %s: %s', (host, to, same) => {
    const portal = asked({ status: 302, location: `https://${to}/auth` }, { host })['http.captivePortal'];
    expect(portal).toBe(!same);
  });
});

it.each([
  [249, 0.2],
  [250, 0.3],
  [340, 0.3],
  [350, 0.4],
  [1400, 1.3],
])('a connection that was cut after 1.3 s, and the same again after %i ms: %d s', (lastedMs, seconds) => {
  const again = [
    { name: 'as-is', ttl: null, ended: 'closed', receivedBytes: 0, lastedMs, protocol: null, unacked: 0 },
  ];
  expect(asked({ ended: 'closed', status: null, reason: null }, { again })['service.cutAfterS']).toBe(
    seconds,
  );
});
