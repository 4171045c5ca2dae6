import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { marked } from 'marked';
import { render } from '../../../src/report/index.ts';
import { hostileReport } from '../../report/hostile.ts';
import { type Family, has, many, type Result, skipped, together } from '../family.ts';

const MARKDOWN = 300;
/** Each costs a start of the browser. */
const PAGES = 12;

/** Tags that lead somewhere, load something, or run. */
const ALIVE_TAG =
  /^<(script|img|iframe|object|embed|link|meta|form|input|svg|base)\b|^<a\s[^>]*href|\son\w+\s*=/i;

export const documents: Family = {
  name: 'documents',
  what: `${MARKDOWN} reports full of hostile words as Markdown through cmark-gfm and marked, ${PAGES} as HTML in headless Chromium behind a proxy that counts: no link, no image, no script, no connection`,
  run: async (seed) => {
    const reports = fc.sample(hostileReport, { seed, numRuns: MARKDOWN });
    const texts = await Promise.all(reports.map((report) => render('markdown', report)));
    const pages = await Promise.all(reports.slice(0, PAGES).map((report) => render('html', report)));
    return together(await throughMarked(texts), await throughCmark(texts), await inBrowser(pages));
  },
};

/** As text the words may stand; only what became a tag counts. */
const alive = (html: string): string | null => {
  const tags: string[] = html.match(/<[a-z][^>]*>/gi) ?? [];
  return tags.find((tag) => ALIVE_TAG.test(tag))?.slice(0, 60) ?? null;
};

function throughMarked(texts: readonly string[]): Promise<Result> {
  return many(texts, 1, async (text) => {
    const found = alive(await marked.parse(text, { gfm: true }));
    return found === null ? null : `marked made ${found}`;
  });
}

async function throughCmark(texts: readonly string[]): Promise<Result> {
  if (!has('cmark-gfm')) return skipped('cmark-gfm is not installed');
  const extensions = ['table', 'autolink', 'strikethrough', 'tasklist'].flatMap((name) => ['-e', name]);
  return many(texts, 1, async (text) => {
    const found = alive(
      execFileSync('cmark-gfm', ['--unsafe', ...extensions], { input: text, encoding: 'utf8' }),
    );
    return found === null ? null : `cmark-gfm made ${found}`;
  });
}

async function inBrowser(pages: readonly string[]): Promise<Result> {
  const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(has);
  if (browser === undefined) return skipped('no Chromium is installed');
  const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-html-'));
  let asked: string[] = [];
  const proxy = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (request) => {
      asked.push(request.toString('latin1').split('\r\n', 1)[0] ?? '');
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as { port: number };
  try {
    return await many(pages, 1, async (page) => {
      const file = join(dir, 'report.html');
      writeFileSync(file, page);
      asked = [];
      const dom = await dumped(browser, file, port, dir);
      if (dom === null) return 'the browser did not show the page';
      // The browser asks for things of its own; what the page could have asked for stands in the page.
      const wanted = asked.find((line) =>
        page.includes(/^\w+ (?:https?:\/\/)?([^/ :]+)/.exec(line)?.[1] ?? line),
      );
      if (wanted !== undefined) return `the page asked the network: ${wanted.slice(0, 80)}`;
      // Our own style is there; what a page may not have is what would run, load or lead away.
      // Handlers are attributes; the same words in a text, or in the value of an attribute, do nothing.
      const tags = dom.replace(/="[^"]*"/g, '=""');
      const found = (/<(script|img|iframe|object|embed|form|base)\b|<a\s[^>]*href="(?!#)/i.exec(dom) ??
        /<[a-z][^<>]*\son\w+=/i.exec(tags))?.[0];
      return found === undefined ? null : `the page has ${found}`;
    });
  } finally {
    proxy.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function dumped(browser: string, file: string, port: number, dir: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(
      browser,
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
        ...[
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--disable-extensions',
        ],
        `--user-data-dir=${join(dir, 'profile')}`,
        `--proxy-server=http://127.0.0.1:${port}`,
        '--proxy-bypass-list=<-loopback>',
        '--dump-dom',
        `file://${file}`,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code === 0 && text.includes('</html>') ? text : null);
    });
  });
}
