import { describe, expect, test } from 'vitest';
import type { Report, Where } from '../../src/model/report.ts';
import { tried } from '../../src/report/answers.ts';
import { render } from '../../src/report/index.ts';
import { pathTables } from '../../src/report/paths.ts';
import { picturesOf } from '../../src/report/picture/picture.ts';
import { escapeMarkdown } from '../../src/report/sanitize.ts';
import { toMend } from '../../src/report/tasks.ts';
import { outcomeLine, ownersOf, rivalLine, rivals, ruledOutTexts } from '../../src/report/wording.ts';
import { dropped, hop, lead, path, sample } from './changed.ts';

/** Each of these was read wrong by somebody who was addressed: in the terminal, in Markdown or on the page. */

describe('what was tried', () => {
  test('the answer about a name that nobody made stands in neither column', () => {
    const report = sample('name-not-found', ({ observations }) => {
      const dns = observations.find(({ probe }) => probe === 'dns')!;
      const made = structuredClone(dns);
      Object.assign(made.input, { nonsense: true, resolver: '192.0.2.99' });
      observations.push(made);
    });
    const { answers, fails } = tried(report);
    expect(fails.join()).toContain('NXDOMAIN');
    expect([...answers, ...fails].join()).not.toContain('192.0.2.99');
  });
  test('a port that refuses is never among what works and what fails at once', () => {
    const report = dropped(({ observations }) => {
      const attempt = observations.find(({ probe }) => probe === 'tcp-connect')!;
      const other = structuredClone(attempt) as typeof attempt & {
        input: { port: number };
        data: { attempts: { outcome: string; timed?: boolean; elapsedMs: number }[] };
      };
      other.input.port = 80;
      for (const one of other.data.attempts) Object.assign(one, { outcome: 'refused', elapsedMs: 3 });
      observations.push(other);
    });
    const { answers, fails } = tried(report);
    expect(answers).toContain('TCP 80: refused');
    expect(fails).not.toContain('TCP 80: refused');
  });
  test('codes of the system and of OpenSSL are words', async () => {
    const text = await render('markdown', sample('router-rejects-the-port'));
    expect(text).toContain('(host unreachable)');
    expect(text).not.toMatch(/EHOSTUNREACH|CERT_HAS_EXPIRED/);
  });
});

describe('the path', () => {
  test('what this machine says of itself is no router at hop 1, on neither rail', () => {
    const report = dropped((one) => {
      one.paths = [
        path('192.0.2.7', [hop(1, '10.0.0.5', 'unreachable')]),
        path('192.0.2.7', [hop(1, '10.0.0.5', 'unreachable')], 22),
      ];
      one.vantage.addresses = ['10.0.0.5'];
      lead(one).where = { kind: 'between', hop: 0, address: null, next: { hop: 1, address: '10.0.0.1' } };
    });
    const [table] = pathTables(report);
    expect(table!.rows.map(({ address }) => address)).not.toContain('10.0.0.5');
    expect(table!.partText).toContain('this machine itself');
    const [picture] = picturesOf(report);
    expect(picture!.stops[0]).toMatchObject({ target: 'silent', reference: 'silent' });
  });
  test('this machine gives up where nobody answers next to it, and rejects where its own filter does', () => {
    const seen = (where: Where) => {
      const report = dropped((one) => {
        one.paths = [path('192.0.2.7', [hop(1, '10.0.0.5', 'unreachable')])];
        one.vantage.addresses = ['10.0.0.5'];
        lead(one).where = where;
      });
      const [table] = pathTables(report);
      return [table!.partText, table!.rows[0]!.cells[0]!.text];
    };
    expect(seen({ kind: 'this-machine' })).toEqual([
      expect.stringMatching(/^this machine itself rejects TCP \d+$/),
      expect.stringMatching(/^rejected here/),
    ]);
    const next = { hop: 1, address: '10.0.0.1' };
    expect(seen({ kind: 'between', hop: 0, address: null, next })).toEqual([
      expect.stringContaining('nobody answers next to it'),
      expect.stringMatching(/^given up here/),
    ]);
  });
  test('a reset in the name of the host leaves the hop its router', () => {
    const report = dropped((one) => {
      one.paths = [
        path('192.0.2.7', [hop(1, '10.0.0.1', 'time-exceeded'), hop(2, '192.0.2.7', 'rst')]),
        path('192.0.2.7', [hop(1, '10.0.0.1', 'time-exceeded'), hop(2, '10.0.9.1', 'time-exceeded')], 22),
      ];
    });
    const row = pathTables(report)[0]!.rows[1]!;
    expect(row.address).toBe('10.0.9.1');
    expect(row.cells[0]!.text).toBe('refused (as 192.0.2.7), 1 ms');
    expect(row.cells[1]!.text).toBe('1 ms');
  });
  test('an answer from before the host is not drawn as the host', () => {
    const report = dropped((one) => {
      one.target.addresses = [{ address: '192.0.2.7', family: 4, source: 'dns', outcome: 'refused' }];
      one.paths = [path('192.0.2.7', [hop(1, '10.0.0.1', 'time-exceeded'), hop(2, '192.0.2.7', 'rst')])];
      lead(one).where = { kind: 'between', hop: 1, address: '10.0.0.1', next: { hop: 2, address: null } };
    });
    expect(picturesOf(report)[0]!.stops.at(-1)!.target).not.toBe('answered');
  });
  test('a rejection that the verdict does not place is drawn at whoever sent it', () => {
    const report = dropped((one) => {
      one.target.addresses = [{ address: '192.0.2.7', family: 4, source: 'dns', outcome: 'unreachable' }];
      one.paths = [
        path('192.0.2.7', [hop(1, '10.0.0.1', 'time-exceeded'), hop(2, '10.0.9.1', 'unreachable')]),
      ];
      lead(one).where = null;
    });
    const picture = picturesOf(report)[0]!;
    expect(picture.stops[picture.refusedBy!]!.address).toBe('10.0.9.1');
  });
  test('a host on the own link stands once in the picture', () => {
    const report = dropped((one) => {
      one.paths = [];
      lead(one).where = { kind: 'between', hop: 0, address: null, next: { hop: 1, address: '192.0.2.7' } };
    });
    expect(picturesOf(report)[0]!.stops.map(({ address }) => address)).toEqual(['192.0.2.7']);
  });
  test('no path is drawn to an address of this machine', () => {
    for (const address of ['127.0.0.1', '::1', '10.0.0.5'])
      expect(
        pathTables(
          dropped((one) => {
            one.vantage.addresses = ['10.0.0.5'];
            one.paths = [path(address, [hop(1, address, 'rst')])];
          }),
        ),
      ).toEqual([]);
  });
});

describe('the first lines', () => {
  const rejected = (sender: string | null): Report =>
    dropped((one) => {
      one.target.host = '192.0.2.7';
      one.target.addresses = [{ address: '192.0.2.7', family: 4, source: 'literal', outcome: 'unreachable' }];
      one.vantage.addresses = ['10.0.0.5'];
      one.paths = [path('192.0.2.7', [hop(1, sender, 'unreachable')])];
    });
  test('who reported it unreachable is named, where that is known', () => {
    expect(outcomeLine(rejected('10.0.0.1'))).toContain('10.0.0.1 reports it unreachable');
    expect(outcomeLine(rejected('192.0.2.7'))).toContain('the host itself rejects the connection');
    for (const sender of [null, '10.0.0.5'])
      expect(outcomeLine(rejected(sender))).toContain('it was reported unreachable');
  });
  test('the cause of another address is no alternative: both are to be mended', () => {
    const report = dropped((one) => {
      const [first] = one.causes;
      first!.address = '192.0.2.7';
      first!.confidence = 0.63;
      one.causes.push({
        ...structuredClone(first!),
        id: 'host-down',
        address: '192.0.2.8',
        confidence: 0.22,
      });
    });
    expect(rivals(report).map(({ address }) => address)).toContain('192.0.2.8');
    expect(rivalLine(report.causes.at(-1)!, report.causes[0])).toMatch(/^And at 192\.0\.2\.8: /);
    expect(toMend(report).map(({ address }) => address)).toEqual(['192.0.2.7', '192.0.2.8']);
  });
  test('beside a fault that was read another that is all but certain is one, too, and is mended as well', () => {
    const report = dropped((one) => {
      const first = lead(one);
      first.observed = true;
      one.causes.push(
        {
          ...structuredClone(first),
          id: 'address-partly-down',
          observed: false,
          confidence: 0.95,
          address: null,
        },
        { ...structuredClone(first), id: 'host-down', observed: false, confidence: 0.3, address: null },
      );
    });
    expect(rivals(report).map(({ id }) => id)).toEqual(['address-partly-down']);
    expect(toMend(report).map(({ id }) => id)).toContain('address-partly-down');
    expect(rivalLine(report.causes.at(-2)!, report.causes[0])).toMatch(/^And: /);
  });
  test('where only the reader can act, the reader is named, and their place is not', async () => {
    const report = dropped((one) => {
      const first = lead(one);
      first.fixes = [{ who: 'you', do: 'Use the credentials.', run: null }];
    });
    expect(ownersOf(report)).toBe('you');
    const own = dropped((one) => {
      lead(one).owner = 'you';
    });
    expect((await render('markdown', own)).split('\n')[0]).not.toContain('between hop');
  });
  test('the page names the place beside the cause, as Markdown does', async () => {
    const report = dropped();
    const place = 'between hop 3 (198.51.100.9) and hop 4 (203.0.113.5)';
    expect(await render('html', report)).toContain(`, ${place}.</p>`);
    expect((await render('markdown', report)).split('\n')[0]).toContain(place);
  });
  test('the title says which target, though the place names its address, too', async () => {
    const report = dropped((one) => {
      one.target.host = '203.0.113.5';
    });
    expect((await render('markdown', report)).split('\n')[0]).toMatch(/^# 203\.0\.113\.5:5432: /);
  });
});

describe('the request', () => {
  const service = (): Report =>
    dropped((one) => {
      Object.assign(lead(one), { layer: 'service', owner: 'service-owner' });
    });
  test('of what a service said itself nobody is asked for packets and routes', async () => {
    const text = await render('markdown', service());
    expect(text).toContain('Does the log of the service show the connection');
    expect(text).not.toMatch(/Which rule, route|jump host/);
    expect(text).toContain('the owner of the service on 192.0.2.7:5432');
  });
  test('a SYN that was answered is not said to have been sent again', async () => {
    const again = /was sent again by the kernel/;
    expect(await render('markdown', dropped())).toMatch(again);
    expect(await render('markdown', sample('port-closed'))).not.toMatch(again);
  });
  test('attempts at several addresses are not all counted for one', async () => {
    expect(await render('markdown', sample('ipv6-does-not-answer'))).toMatch(
      /attempts at TCP \d+ of \S+ and \S+\./,
    );
  });
  test('a proof ends its sentence before what it excludes', () => {
    expect(
      ruledOutTexts({ ruledOut: [{ id: 'a', text: 'It is this machine: no network lies between' }] }),
    ).toEqual(['It is this machine: no network lies between. This excludes a.']);
  });
});

describe('Markdown', () => {
  test('the full stop or colon after a name is no part of it', () => {
    expect(escapeMarkdown('The certificate is for www.example.com: fine')).toContain('`www.example.com`:');
    expect(escapeMarkdown('for www.example.com.')).toContain('`www.example.com`.');
  });
  test("quotes around the two halves of 'USER'@'ADDRESS' stay where they are", () => {
    expect(escapeMarkdown("account ('USER'@'ADDRESS'), or")).toContain("(`'USER'@'ADDRESS'`),");
  });
});

describe('a name outside ASCII', () => {
  const typed = (input: string): Report =>
    sample('name-not-found', (report) => {
      const { host } = report.target;
      const ascii = 'xn--exmple-cua.de';
      Object.assign(report, JSON.parse(JSON.stringify(report).replaceAll(host, ascii)));
      report.target.input = input;
    });
  test('is shown as it was typed, with the spelling of DNS beside it once, and in commands', async () => {
    for (const input of ['exämple.de:443', 'https://Exämple.de/a?b', 'exämple.de']) {
      for (const format of ['markdown', 'html', 'text'] as const) {
        const text = (await render(format, typed(input))).replaceAll(/\s+/g, ' ');
        expect(text, format).toContain('exämple.de:443 (xn--exmple-cua.de in DNS)');
        expect(text, format).toContain('The name exämple.de does not exist');
        expect(text, format).toMatch(/(dig|nslookup)[^`<]* xn--exmple-cua\.de/);
      }
      expect(outcomeLine(typed(input))).toContain(
        'exämple.de:443 (xn--exmple-cua.de in DNS) cannot be reached',
      );
    }
  });
  test('is never made out of what DNS says', () => {
    expect(outcomeLine(typed('xn--exmple-cua.de:443'))).toMatch(/^xn--exmple-cua\.de:443 cannot/);
    expect(outcomeLine(sample('name-not-found'))).not.toContain('in DNS)');
  });
});
