import { describe, expect, it } from 'vitest';
import type { Cause, Report, Where } from '../../../src/model/report.ts';
import { pictureLine } from '../../../src/report/picture/line.ts';
import { picturesOf } from '../../../src/report/picture/picture.ts';
import { pictureSvg } from '../../../src/report/picture/svg.ts';
import { pictureWords } from '../../../src/report/picture/words.ts';
import { healthy, routerDrop, SAMPLES } from '../samples.ts';

const drawn = (report: Report, width = 80, unicode = true): (string | null)[] =>
  picturesOf(report).map((picture) => pictureLine(picture, { host: report.target.host, unicode, width }));

const placed = (report: Report, where: Where | null, more: Partial<Cause> = {}): Report => ({
  ...report,
  causes: report.causes.map((cause, index) => (index === 0 ? { ...cause, where, ...more } : cause)),
});
const outcome = (report: Report, seen: Report['target']['addresses'][number]['outcome']): Report => ({
  ...report,
  target: {
    ...report.target,
    addresses: report.target.addresses.map((address) => ({ ...address, outcome: seen })),
  },
});

describe('the picture in one line', () => {
  it('breaks between the last that answered the port and the next that is known', () => {
    expect(drawn(routerDrop, 100)).toEqual([
      'you ── 10.0.0.1 ── 198.51.100.1 ── 198.51.100.9 ─╳─ 203.0.113.5 ── db.example.com',
    ]);
  });

  it('is ASCII where Unicode is off', () => {
    expect(drawn(routerDrop, 100, false)).toEqual([
      'you -- 10.0.0.1 -- 198.51.100.1 -- 198.51.100.9 -X- 203.0.113.5 -- db.example.com',
    ]);
  });

  it('leaves out the stops that say least until it fits, and never those of the verdict', () => {
    const [line] = drawn(routerDrop, 70);
    expect(line).toContain('198.51.100.9 ─╳─ 203.0.113.5');
    expect(line).toContain('── … ──');
    expect(line?.length).toBeLessThanOrEqual(70);
  });

  it('names hops by number where their addresses do not fit, and is absent where nothing does', () => {
    const [line] = drawn(routerDrop, 52);
    expect(line).toContain('hop 3 ─╳─ hop 4');
    expect(drawn(routerDrop, 20)).toEqual([null]);
  });

  it('never breaks the way of a port that was answered', () => {
    for (const answered of ['open', 'refused'] as const) {
      const where: Where = { kind: 'target', address: '192.0.2.7' };
      const [line] = drawn(outcome(placed(routerDrop, where), answered));
      expect(line).not.toContain('╳');
      expect(line).toMatch(answered === 'open' ? /db\.example\.com ✓$/ : /db\.example\.com ✗$/);
    }
    for (const line of drawn(healthy)) expect(line).not.toContain('╳');
  });

  it('ends at this machine where this machine is the cause, and not where only a name is kept here', () => {
    const here: Where = { kind: 'this-machine' };
    expect(drawn(placed(routerDrop, here, { layer: 'local' }), 100)[0]).toMatch(/^you ─╳─ 10\.0\.0\.1/);
    expect(drawn(outcome(placed(routerDrop, here, { layer: 'local' }), 'unreachable'), 100)[0]).toMatch(
      /^you ✗/,
    );
    const byName = drawn(outcome(placed(routerDrop, here, { layer: 'dns' }), 'refused'), 100)[0];
    expect(byName).toMatch(/^you ── .*✗$/);
  });

  it('shows who rejects', () => {
    const [line] = drawn(SAMPLES['router-rejects-the-port'] as Report);
    expect(line).toContain('198.51.100.1 ✗');
  });

  it('draws a loop once', () => {
    const [path] = routerDrop.paths;
    if (path === undefined) throw new Error('the sample has a path');
    const addresses = ['10.0.0.1', '198.51.100.1', '198.51.100.9', '198.51.100.1', '198.51.100.9'];
    const hops = addresses.map((address, i) => ({
      hop: i + 1,
      address,
      name: null,
      rttMs: 1,
      answer: 'time-exceeded' as const,
    }));
    const looping = placed(
      { ...routerDrop, paths: [{ ...path, reached: false, hops }] },
      { kind: 'hop', hop: 2, address: '198.51.100.1' },
    );
    expect(drawn(looping)).toEqual(['you ── 10.0.0.1 ── 198.51.100.1 ⇄ 198.51.100.9 ─╳─ db.example.com']);
  });

  const walked = (addresses: (string | null)[], where: Where): Report => {
    const [path] = routerDrop.paths;
    if (path === undefined) throw new Error('the sample has a path');
    const hops = addresses.map((address, i) => ({
      hop: i + 1,
      address,
      name: null,
      rttMs: 1,
      answer: address === null ? ('silence' as const) : ('time-exceeded' as const),
    }));
    return outcome(
      placed({ ...routerDrop, paths: [{ ...path, reached: false, hops }] }, where),
      'unreachable',
    );
  };

  it('draws a router that tells of every TTL once, and as no loop', () => {
    const one = '198.51.100.1';
    const where: Where = { kind: 'hop', hop: 2, address: one };
    expect(drawn(walked(['10.0.0.1', one, one, one, null, one], where))).toEqual([
      'you ── 10.0.0.1 ── 198.51.100.1 ✗ ── db.example.com',
    ]);
  });

  it('knows of nobody behind a refusal of this machine itself', () => {
    const here = placed(
      walked([null], { kind: 'this-machine' }),
      { kind: 'this-machine' },
      { layer: 'local' },
    );
    expect(drawn(here)).toEqual(['you ✗ ── db.example.com']);
  });

  it('places a cause of the whole name at the first address that fails, and at no other', () => {
    const where: Where = {
      kind: 'between',
      hop: 2,
      address: '198.51.100.1',
      next: { hop: 3, address: null },
    };
    const [first] = routerDrop.target.addresses;
    if (first === undefined) throw new Error('the sample has an address');
    const ofName = placed(routerDrop, where, { address: null, layer: 'host' });
    const others = (['open', 'refused'] as const).map((seen, i) => ({
      ...first,
      address: `192.0.2.${100 + i}`,
      outcome: seen,
    }));
    const report: Report = {
      ...ofName,
      target: { ...ofName.target, addresses: [first, ...others] },
      paths: [first, ...others].flatMap(({ address }) =>
        routerDrop.paths.map((path) => ({ ...path, address })),
      ),
    };
    const pictures = picturesOf(report);
    expect(pictures.map(({ broken }) => broken?.kind ?? null)).toEqual(['silence', null, null]);
  });
});

describe('the picture as a drawing', () => {
  const svgOf = (report: Report): string[] =>
    picturesOf(report).map((picture) => pictureSvg(picture, report.target.host).text);

  it('says in words what it shows', () => {
    const [picture] = picturesOf(routerDrop);
    if (picture === undefined) throw new Error('the sample has a picture');
    const { title, description } = pictureWords(picture, 'db.example.com');
    expect(title).toBe(
      'Path to db.example.com: TCP 5432 is lost between hop 3 (198.51.100.9) and hop 4 (203.0.113.5).',
    );
    expect(description).toContain('hop 4 (203.0.113.5): answered TCP 22 only');
    for (const svg of svgOf(routerDrop)) {
      expect(svg).toContain(`<title>${title}</title>`);
      expect(svg).toContain('<desc>From this machine: ');
    }
  });

  it('shades the gap of a silent drop, draws an arrow back for a refusal, and neither for an open port', () => {
    const [dropped] = svgOf(routerDrop);
    expect(dropped).toContain('class="gap"');
    expect(dropped).not.toContain('class="back"');
    const [rejected] = svgOf(SAMPLES['router-rejects-the-port'] as Report);
    expect(rejected).toContain('class="back"');
    expect(rejected).not.toContain('class="gap"');
    const [open] = svgOf(outcome({ ...routerDrop, causes: [] }, 'open'));
    expect(open).not.toMatch(/class="(gap|back)"/);
    expect(open).toContain('picture across well');
  });

  it('draws a stop that both answered once, over both rails', () => {
    const [svg = ''] = svgOf(routerDrop);
    const across = svg.slice(0, svg.indexOf('</svg>'));
    expect(across.match(/<rect class="stop heard/g)).toHaveLength(3);
  });
});
