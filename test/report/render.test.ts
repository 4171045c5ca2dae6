import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { type Format, formatOfFile, render } from '../../src/report/index.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import type { TerminalOptions } from '../../src/report/page.ts';
import { renderTerminal } from '../../src/report/terminal.ts';
import { MOST_LINES } from '../../src/report/verdict.ts';
import { widthOf } from '../../src/report/width.ts';
import { ACTIVE_CHARACTER, hostileReport } from './hostile.ts';
import { healthy, routerDrop, SAMPLES } from './samples.ts';

const plain: TerminalOptions = { color: false, unicode: true, width: 80, verbose: false };
const whole: TerminalOptions = { ...plain, verbose: true };
/** Escaped punctuation and code spans, as CommonMark reads them from left to right. */
const INERT = /\\[!-/:-@[-`{-~]|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g;
const COLOUR = /\u001b\[\d+m/g;

describe('goldens: what the user sees', () => {
  for (const [name, report] of Object.entries(SAMPLES)) {
    it(`${name} on a terminal of 80 columns`, async () => {
      await expect(await render('terminal', report)).toMatchFileSnapshot(`goldens/${name}.terminal.txt`);
    });
    it(`${name} as Markdown`, async () => {
      await expect(await render('markdown', report)).toMatchFileSnapshot(`goldens/${name}.md`);
    });
  }
  it('the router drop in a narrow terminal without Unicode', async () => {
    const text = await render('terminal', routerDrop, { unicode: false, width: 40 });
    await expect(text).toMatchFileSnapshot('goldens/router-drops-the-port.narrow-ascii.txt');
  });
  it('the router drop as a text file: everything', async () => {
    await expect(await render('text', routerDrop)).toMatchFileSnapshot(
      'goldens/router-drops-the-port.text.txt',
    );
  });
  it('the router drop as HTML', async () => {
    await expect(await render('html', routerDrop)).toMatchFileSnapshot('goldens/router-drops-the-port.html');
  });
});

describe('the terminal report', () => {
  it('is two lines for a healthy target', async () => {
    expect((await renderTerminal(healthy, plain)).trimEnd().split('\n')).toHaveLength(2);
  });

  it('says outcome and cause in its first two lines', async () => {
    const [outcome, cause] = (await renderTerminal(routerDrop, plain)).split('\n');
    expect(outcome).toContain('db.example.com:5432 cannot be reached: no answer');
    expect(cause).toMatch(/Very likely \(91 %\): A firewall on the way silently drops TCP 5432/);
  });

  it('names where and who on the line of the cause where the terminal is wide enough', async () => {
    const [, cause] = (await renderTerminal(routerDrop, { ...plain, width: 140 })).split('\n');
    expect(cause).toContain('after hop 3');
  });

  it('says what matters first in twelve lines', async () => {
    for (const report of Object.values(SAMPLES)) {
      const lines = (await renderTerminal(report, plain)).trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(MOST_LINES);
    }
    const text = await renderTerminal(routerDrop, plain);
    expect(text).toContain('you ── 10.0.0.1 ── … ── 198.51.100.9 ─╳─ 203.0.113.5 ── db.example.com');
    expect(text).toContain('Who   network administrator');
    expect(text).toContain('Next  ');
  });

  it('says the same words with and without colour', async () => {
    for (const report of Object.values(SAMPLES)) {
      const coloured = await renderTerminal(report, { ...plain, color: true });
      expect(coloured).toMatch(COLOUR);
      expect(coloured.replace(COLOUR, '')).toBe(await renderTerminal(report, plain));
    }
  });

  it('is ASCII where Unicode is off, whatever the network says', async () => {
    await fc.assert(
      fc.asyncProperty(hostileReport, async (report) => {
        const text = await renderTerminal(report, { ...plain, unicode: false, verbose: true });
        expect(text).toMatch(/^[\n\x20-\x7e]*$/);
      }),
      { numRuns: 40 },
    );
  });

  it('fits its width at every width, commands aside', async () => {
    for (const report of Object.values(SAMPLES)) {
      for (const width of [40, 60, 80, 100, 132]) {
        for (const verbose of [false, true]) {
          const text = await renderTerminal(report, { ...plain, width, verbose });
          for (const line of text.split('\n').filter((each) => !/^ +\$ /.test(each))) {
            expect(widthOf(line), `${width}: ${line}`).toBeLessThanOrEqual(width);
          }
        }
      }
    }
  });

  it('never breaks a command, which must survive copying', async () => {
    const text = await renderTerminal(routerDrop, { ...whole, width: 40 });
    expect(text).toContain("$ sudo tcpdump -ni any 'tcp port 5432 and host 10.0.0.5'\n");
  });

  it('puts a cause that is nearly as likely beside the first one', async () => {
    const report = SAMPLES['router-or-host-drops-the-port'] as Report;
    const text = await renderTerminal(report, whole);
    expect(text).toContain('Or possibly (41 %): A firewall on the way silently drops TCP 5432.');
    expect(text).toContain('Who    server administrator, or network administrator');
  });

  it('draws the line where the port parts from its reference', async () => {
    const lines = (await renderTerminal(routerDrop, whole)).split('\n');
    const part = lines.findIndex((line) => line.includes('TCP 5432 ends here, other traffic goes on'));
    expect(lines[part - 1]).toMatch(/3 +198\.51\.100\.9 .*4\.2 ms +4\.2 ms/);
    expect(lines[part + 1]).toMatch(/4 +203\.0\.113\.5 .*no answer +9\.8 ms/);
  });

  it('says who rejects, on the line below the device that does', async () => {
    const lines = (await renderTerminal(SAMPLES['router-rejects-the-port'] as Report, whole)).split('\n');
    const part = lines.findIndex((line) => line.includes('TCP 5432 is rejected by 198.51.100.1'));
    expect(lines[part - 1]).toMatch(/2 +198\.51\.100\.1 /);
    expect(lines[part + 1]).toMatch(/3 +198\.51\.100\.9 .*rejected by 198\.51\.100\.1, 3\.2 ms +4\.2 ms/);
  });

  it('draws no such line where both reach the host', async () => {
    const text = await renderTerminal(SAMPLES['port-closed'] as Report, whole);
    expect(text).not.toMatch(/ends here|rejected here|beyond this line/);
  });
});

describe('no renderer lets a stranger act', () => {
  const formats: Format[] = ['terminal', 'text', 'markdown', 'html', 'json'];
  it.each(formats)('%s has no control, bidi or zero-width character', async (format) => {
    await fc.assert(
      fc.asyncProperty(hostileReport, fc.boolean(), async (report, color) => {
        const text = await render(format, report, { color, verbose: true });
        expect(text.replace(COLOUR, '')).not.toMatch(ACTIVE_CHARACTER);
        expect(text.endsWith('\n')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('the HTML has no tag and no attribute for hostile strings that it has not for harmless ones', async () => {
    const tags = (text: string): string[] =>
      text.match(/<[^>]*>?/g)?.map((tag) => tag.split(/[\s>]/)[0] ?? '') ?? [];
    // Values first: ` A=` at the end of one is no attribute.
    const attributes = (text: string): string[] =>
      text.replace(/="[^"]*"/g, '=""').match(/ [a-zA-Z-]+=""/g) ?? [];
    // How many there are depends on the strings (which addresses are the same); of which kinds, on nothing.
    const ours = await Promise.all(Object.values(SAMPLES).map((report) => render('html', report as Report)));
    const known = { tags: new Set(ours.flatMap(tags)), attributes: new Set(ours.flatMap(attributes)) };
    await fc.assert(
      fc.asyncProperty(hostileReport, async (hostile) => {
        const text = await render('html', hostile);
        expect(tags(text).filter((tag) => !known.tags.has(tag))).toEqual([]);
        expect(attributes(text).filter((one) => !known.attributes.has(one))).toEqual([]);
        expect(text).not.toMatch(/href="(?!#o-)/);
      }),
      { numRuns: 60 },
    );
  });

  it('the HTML fetches nothing and runs nothing', async () => {
    const text = await render('html', routerDrop);
    expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(text).not.toMatch(/<(script|link|img|iframe|object|embed|form|base)\b|@import|url\(| src=/i);
    for (const [, target] of text.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^#o-/);
  });

  function outsideFences(markdown: string): string[] {
    const lines: string[] = [];
    let fence: string | null = null;
    for (const line of markdown.split('\n')) {
      // What has a backtick behind its marks is a code span and opens no block (CommonMark 4.5).
      const mark = /^(`{3,})[^`]*$/.exec(line)?.[1] ?? null;
      if (fence !== null) {
        if (mark !== null && line.trim() === mark && mark.length >= fence.length) fence = null;
      } else if (mark !== null) fence = mark;
      else if (!/^(<details><summary>[A-Za-z ]+<\/summary>|<\/details>)$/.test(line))
        lines.push(line.replace(/^> /, ''));
    }
    expect(fence, 'every fence is closed').toBeNull();
    return lines;
  }

  /** Without fenced blocks, code spans and escaped punctuation: what is left may act. */
  const acting = (markdown: string): string[] =>
    outsideFences(markdown).map((line) => line.replace(INERT, 'x'));

  it('the Markdown has no link, image, HTML, mention or entity of theirs', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        for (const line of acting(renderMarkdown(report))) {
          expect(line).not.toMatch(/[<>[\]`~&@$]|:\/\/|www\./i);
          expect(line.replace(/\*\*/g, '')).not.toMatch(/[*_]/);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('the Markdown has only our headings, and tables keep their columns', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        const ours =
          /^(# |## (Ticket text|The connection|Proof|What was seen|What to run, and how to read it|What to do|Please answer|Done when|Ruled out, and by what|Other causes considered|Not known|Commands by platform|The client|Evidence)|### )/;
        const markdown = renderMarkdown(report);
        for (const line of acting(markdown)) if (line.startsWith('#')) expect(line).toMatch(ours);
        let columns: number | null = null;
        for (const line of outsideFences(markdown)) {
          // A table is split at its pipes before its code spans are seen.
          const pipes = line.replace(/\\./g, '').split('|').length;
          columns = line.startsWith('|') ? (columns ?? pipes) : null;
          if (columns !== null) expect(pipes, line).toBe(columns);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('JSON', () => {
  it('is one document that gives every string back as it was', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        const text = renderJson(report);
        expect(JSON.parse(text)).toEqual(report);
        expect(text.endsWith('}\n')).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the format of a report file', () => {
  it.each([
    ['report.md', 'markdown'],
    ['/tmp/a.b/REPORT.HTML', 'html'],
    ['./x.json', 'json'],
    ['C:\\x\\y.txt', 'text'],
  ])('%s is %s', (path, format) => {
    expect(formatOfFile(path)).toEqual({ format });
  });

  it.each(['report', 'report.pdf', '.md', 'a.md/report', '', 'x.constructor', 'x.'])(
    '%j is refused with a sentence that shows a right one',
    (path) => {
      expect(formatOfFile(path)).toEqual({
        error: expect.stringMatching(/use \.md, \.html, \.json or \.txt, as in report\.md\.$/),
      });
    },
  );
});
