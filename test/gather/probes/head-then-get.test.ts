import { describe, expect, test } from 'vitest';
import type { Spoken } from '../../../src/doors/types.ts';
import { type HttpTalk, headThenGet } from '../../../src/gather/probes/service/http-exchange.ts';
import { SILENT_HTTP } from '../../../src/gather/probes/service/silence.ts';
import type { HttpData } from '../../../src/model/measured.ts';
import { virtualClock } from '../../virtual-clock.ts';

type Method = HttpData['method'];
/** What a method brings: a status, or how the conversation ends without one; and after how long. */
interface Answer {
  status?: number;
  ended?: HttpData['ended'];
  afterMs?: number;
}

/** HEAD and GET, side by side where the server takes both. `oneAtATime`: the second waits for the end of the first. */
async function talk(answers: Record<Method, Answer>, oneAtATime = false) {
  const clock = virtualClock();
  const asked: Method[] = [];
  const told: string[] = [];
  let freed: Promise<unknown> = Promise.resolve();
  const ask: HttpTalk<HttpData>['ask'] = (method, timeoutMs, signal) => {
    asked.push(method);
    const before = oneAtATime ? freed : Promise.resolve();
    const { status = null, ended = 'stalled', afterMs } = answers[method];
    const lastsMs = Math.min(timeoutMs, afterMs ?? (status === null && ended === 'stalled' ? timeoutMs : 0));
    const done = (async (): Promise<Spoken<HttpData>> => {
      await before;
      await clock.sleep(lastsMs, signal);
      const isLetGo = signal.aborted || (afterMs ?? 0) > timeoutMs;
      const value: HttpData = isLetGo
        ? { ...SILENT_HTTP, method }
        : { ...SILENT_HTTP, method, status, ended: status === null ? ended : 'answered', firstByteMs: 1 };
      return { connected: true, value };
    })();
    freed = done;
    return done;
  };
  const found = await headThenGet<HttpData>(
    {
      ask,
      httpOf: (http) => http,
      quietMs: 400,
      totalMs: 2000,
      getToo: () => true,
      onQuiet: () => told.push('quiet'),
      forgetTimes: (http) => {
        http.firstByteMs = null;
      },
      roundTripMs: 0,
    },
    clock,
    new AbortController().signal,
  );
  return { asked, told, http: found.connected ? found.value : null };
}

describe('an error that HEAD draws', () => {
  test.each([400, 403, 404, 405, 500, 501, 502])(
    'may be about HEAD: %i is asked again with GET',
    async (status) => {
      const { asked, http } = await talk({ HEAD: { status }, GET: { status: 200 } });
      expect(asked).toEqual(['HEAD', 'GET']);
      expect(http).toMatchObject({ status: 200, method: 'GET' });
    },
  );

  test.each([200, 302, 401, 407, 410, 421, 426, 429, 451])(
    'says nothing about the method: %i',
    async (status) => {
      const { asked, http } = await talk({ HEAD: { status }, GET: { status: 204 } });
      expect(asked).toEqual(['HEAD']);
      expect(http?.status).toBe(status);
    },
  );

  test('counts where GET gets no answer, and gives way to an error of GET', async () => {
    const cut = await talk({ HEAD: { status: 501 }, GET: { ended: 'closed' } });
    expect(cut.http).toMatchObject({ status: 501, method: 'HEAD' });
    const both = await talk({ HEAD: { status: 501 }, GET: { status: 500 } });
    expect(both.http).toMatchObject({ status: 500, method: 'GET' });
  });

  test('that comes late waits for the answer to GET', async () => {
    const { http } = await talk({ HEAD: { status: 501, afterMs: 250 }, GET: { status: 200, afterMs: 200 } });
    expect(http).toMatchObject({ status: 200, method: 'GET' });
  });
});

describe('HEAD that brings nothing', () => {
  test('and is cut: GET is asked', async () => {
    const { asked, http } = await talk({ HEAD: { ended: 'closed' }, GET: { status: 200 } });
    expect([asked, http?.status]).toEqual([['HEAD', 'GET'], 200]);
  });

  test('stays open while GET is tried, and the first answer counts', async () => {
    const { asked, told, http } = await talk({
      HEAD: { status: 200, afterMs: 500 },
      GET: { status: 200, afterMs: 600 },
    });
    expect(asked).toEqual(['HEAD', 'GET']);
    expect(told).toEqual(['quiet']);
    expect(http?.method).toBe('HEAD');
  });

  test('is let go for a server that takes one connection at a time, whose speed is then not known', async () => {
    const { http } = await talk({ HEAD: {}, GET: { status: 200, afterMs: 10 } }, true);
    expect(http).toMatchObject({ method: 'GET', status: 200, firstByteMs: null });
  });
});
