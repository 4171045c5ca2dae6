import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model/probes.ts';
import type { Cause, Path, Report } from '../../src/model/report.ts';
import { tried } from '../../src/report/answers.ts';
import { render } from '../../src/report/index.ts';
import { observationWords, resolveWords } from '../../src/report/observation-words.ts';
import { pathTables } from '../../src/report/paths.ts';
import { type Picture, picturesOf } from '../../src/report/picture/picture.ts';
import { pictureSvg } from '../../src/report/picture/svg.ts';
import { dropped, hop, lead, path, sample } from './changed.ts';

/** Each of these was read wrong by somebody who was addressed: in the terminal, in Markdown or on the page. */

describe('what stood wrong on the page or in Markdown', () => {
  const open = (report: Report): void => {
    report.outcome = 'reachable';
    report.target.addresses = [{ address: '192.0.2.7', family: 4, source: 'dns', outcome: 'open' }];
  };
  const ticket = (text: string): string => text.slice(text.indexOf('## Ticket'), text.indexOf('## The conn'));

  test('a ticket about a fault does not begin with "is reachable", nor is it done as soon as it is written', async () => {
    const text = await render('markdown', dropped(open));
    expect(ticket(text)).toContain(':5432 is reachable, and there is something to look at. Since');
    // What was noticed may hurt nobody: a balancer that hands on is no service that does not work.
    expect(text).not.toContain('does not work as it should');
    expect(text).toContain('is reached from this client; what its use suffers: (FILL IN) |');
    expect(text).toContain('says that it is reachable, and names no fault beside that.');
    expect(await render('html', dropped(open))).toContain(
      'is reachable, and there is something to look at.</h1>',
    );
    expect(await render('markdown', dropped())).toContain('says that it is reachable.\n');
  });
  test('of what could not be tested nothing is said to work badly', async () => {
    const text = await render(
      'markdown',
      dropped((one) => {
        one.outcome = 'undetermined';
      }),
    );
    expect(text).toContain('could not be tested from this client');
  });
  test('nobody is written to who has nothing to do', async () => {
    const text = await render(
      'markdown',
      dropped((one) => {
        lead(one).fixes = [{ who: 'you', do: 'Use the credentials.', run: null }];
      }),
    );
    expect(text).toContain('| **For** | the sender: it can be mended on this side |');
    expect(text).toContain('| **Asked** | Use the credentials. |');
    expect(text).not.toMatch(/## Ticket|## Please answer/);
  });
  test('without an attempt none are counted', async () => {
    const text = await render(
      'markdown',
      sample('name-not-found', (one) => {
        Object.assign(lead(one), {
          owner: 'dns-admin',
          fixes: [{ who: 'dns-admin', do: 'Repair it.', run: null }],
        });
      }),
    );
    expect(text).toContain('UTC: no connection could be tried.');
    expect(text).not.toMatch(/\b0 attempts/);
  });
  test('a port that somebody answers before the host is not said to work', async () => {
    const answered = (early: boolean) =>
      dropped((one) => {
        one.paths = [
          path('192.0.2.7', [hop(1, '10.0.0.1', 'time-exceeded')]),
          path('192.0.2.7', [hop(early ? 1 : 2, '192.0.2.7', 'syn-ack')], 22),
        ];
      });
    expect(await render('markdown', answered(true))).not.toContain('TCP 22 of the same address works');
    expect(tried(answered(true)).answers.join()).toContain(
      'accepts connections (hop 1 answers, before the host)',
    );
    expect(await render('markdown', answered(false))).toContain('TCP 22 of the same address works');
  });
  test('with several addresses every line says of which it speaks', () => {
    const { answers, fails } = tried(
      dropped((one) => {
        one.target.addresses.push({ address: '192.0.2.8', family: 4, source: 'dns', outcome: 'open' });
      }),
    );
    for (const line of [...answers, ...fails].filter((one) => /^(TCP|ping)/.test(one)))
      expect(line).toMatch(/192\.0\.2\.[78]/);
  });
  test('where the other end told what arrived and which rule drops it, neither is asked', async () => {
    const told = (fate: boolean) =>
      dropped((one) => {
        one.otherEnds = [
          {
            address: '192.0.2.7',
            by: 'answer.txt',
            privileges: 'root',
            sent: 4,
            arrived: 4,
            matchedBy: 'timestamp',
            clockOffsetMs: null,
            referenceArrived: true,
            answers: 'nothing',
            answered: 0,
            sees: 'silence',
            fate: fate
              ? { kind: 'dropped', place: 'rule 2 of chain c', firewall: 'nftables', rule: 'drop' }
              : null,
          },
        ];
      });
    expect(await render('markdown', told(true))).not.toMatch(/Do the packets of|Which rule, route/);
    expect(await render('markdown', told(false))).toMatch(/1\. Which rule, route/);
    expect(await render('markdown', dropped())).toMatch(/1\. Do the packets of/);
  });
  test('what a healthy run found stands on the page once', async () => {
    const page = await render('html', sample('healthy'));
    expect(page.split(/<p(?: class="cause")?>TCP 443 on [^<]* accepted/)).toHaveLength(2);
  });
  test('on a phone a row of many columns is a list with the head of each, and words stay whole', async () => {
    const page = await render('html', dropped());
    expect(page).toMatch(/@media screen and \(max-width:46rem\)\{td\{overflow-wrap:break-word\}/);
    expect(page).toMatch(
      /<table class="rows">.*\n<tr><td class="words" data-head="">as sent<\/td><td class="words" data-head="source">/,
    );
    expect(page).toMatch(/data-head="Answer">none</);
    // Two columns fit as they are.
    expect(page).toMatch(/<table><thead><tr><th scope="col">What works or answers/);
  });
});

describe('the way as it was seen', () => {
  const trace = (outcome: string, replies: object[]) =>
    observationWords({
      id: 'trace-syn-target-1',
      probe: 'trace-syn',
      input: { method: 'tcp-syn' },
      outcome,
      data: { address: '192.0.2.7', port: 80, protocol: 'tcp', method: 'tcp-syn', replies },
      reason: null,
    } as unknown as Observation);
  const reply = (ttl: number, from: string | null, answer: string) => ({ ttl, from, answer, rttMs: 1 });
  test('a way that was followed only so far does not stop there', () => {
    const routers = [reply(1, '10.0.0.1', 'time-exceeded'), reply(2, '10.0.1.1', 'time-exceeded')];
    expect(trace('stopped', routers)).toContain('passes every hop that was asked');
    expect(trace('stopped', [...routers, reply(3, null, 'silence')])).toContain(
      'stops, last answer from hop 2',
    );
  });
  test('the host is as far away as the first of its answers', () => {
    expect(trace('reached', [reply(2, null, 'rst'), reply(3, null, 'rst')])).toContain('from hop 2');
    expect(
      trace('rejected', [reply(1, '10.0.0.5', 'unreachable'), reply(6, '10.0.0.5', 'unreachable')]),
    ).toContain('from hop 1');
  });
  test('what did not end is called by its name, not by that of its probe', () => {
    const ended = (probe: string, input: object) =>
      observationWords({
        id: 'x',
        probe,
        input,
        outcome: 'cancelled',
        data: null,
        reason: null,
      } as unknown as Observation);
    expect(ended('trace-syn', { method: 'udp' })).toBe('path of UDP: stopped before it ended');
    expect(ended('trace-syn', { method: 'icmp' })).toBe('path of ICMP: stopped before it ended');
    expect(ended('system-resolve', {})).toBe('system resolver: stopped before it ended');
  });
  test('a lookup without an address is told in words', () => {
    expect(resolveWords('error', 'NO_ADDRESS')).toBe('no address');
    expect(resolveWords('not-found', 'ENOTFOUND')).toBe('no address');
    expect(resolveWords('error', 'EAI_FAIL')).toBe('an error (EAI_FAIL)');
  });
  const unreachable = (where: Cause['where'], hops: Path['hops'], layer: Cause['layer'] = 'path') =>
    dropped((one) => {
      one.target.addresses = [{ address: '192.0.2.7', family: 4, source: 'dns', outcome: 'unreachable' }];
      one.paths = [path('192.0.2.7', hops)];
      Object.assign(lead(one), { where, layer });
    });
  const silent = [hop(1, '10.0.0.1', 'time-exceeded'), hop(2, null, 'silence'), hop(3, null, 'silence')];
  test('a rejection that the trace did not hear is no silence', () => {
    const [table] = pathTables(unreachable({ kind: 'hop', hop: 2, address: '10.0.9.1' }, silent));
    expect(table!.partText).toBe('TCP 5432 is rejected by 10.0.9.1');
    const circle = [silent[0]!, silent[1]!, hop(3, '10.0.0.1', 'time-exceeded')];
    const [loop] = pathTables(unreachable({ kind: 'hop', hop: 1, address: '10.0.0.1' }, circle));
    expect(loop!.partText).toBe('no answer beyond this line');
  });
  test('behind a wrong name the way ends where it was last answered', () => {
    for (const kind of ['resolver', 'this-machine'] as const) {
      const [picture] = picturesOf(
        unreachable({ kind, address: '10.0.0.53' } as Cause['where'], silent, 'dns'),
      );
      expect(picture!.broken).toMatchObject({ after: 0, kind: 'silence' });
    }
  });
  test('whoever accepts in the place of the host keeps the packets', () => {
    const [picture] = picturesOf(
      dropped((one) => {
        one.target.addresses = [{ address: '192.0.2.7', family: 4, source: 'dns', outcome: 'open' }];
        one.paths = [
          path('192.0.2.7', [hop(1, '10.0.0.1', 'time-exceeded'), hop(2, '192.0.2.7', 'syn-ack')]),
          path(
            '192.0.2.7',
            [
              hop(1, '10.0.0.1', 'time-exceeded'),
              hop(2, '10.0.9.1', 'time-exceeded'),
              hop(3, '192.0.2.7', 'syn-ack'),
            ],
            22,
          ),
        ];
        lead(one).where = { kind: 'hop', hop: 2, address: '10.0.9.1' };
      }),
    );
    expect(picture!.acceptedBy).toBe(1);
    expect(picture!.stops[2]!.target).toBe('absent');
    // The rail of the target ends at the second stop of three.
    const ends = [
      ...pictureSvg(picture!, 'h').text.matchAll(/class="rail target" x1="60" y1="58" x2="(\d+)"/g),
    ];
    expect(ends.map(([, x]) => x)).toEqual(['268']);
  });
  test('the port inside of a host is part of the target', () => {
    const [picture] = picturesOf(dropped());
    const host = picture!.stops.length;
    const inside = { ...picture!.stops[0]!, isHost: false, inside: 'TCP 5432' };
    const bands = (shown: Picture) =>
      pictureSvg(shown, 'h').text.match(/class="band b\d"><rect x="\d+" y="4" width="\d+"/g);
    const before = bands(picture!)!.at(-1)!;
    const after = bands({ ...picture!, stops: [...picture!.stops, inside] })!.at(-1)!;
    expect(before).toContain('width="104"');
    expect(after).toBe(before.replace('width="104"', 'width="208"'));
    expect(host).toBeGreaterThan(1);
  });
});
