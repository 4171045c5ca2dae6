import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../src/command/main.ts';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { reportOf } from '../../src/judge/report-of.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import { answerWords, QUESTION_WORDS } from '../../src/report/inquiry-words.ts';
import { type FakeIo, type FakeParts, fakeIo, fakeParts, PORT_CLOSED } from './fake-run.ts';

const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-wizard-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ENTER = '\r';
const DOWN = '\u001b[B';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const SHOW_CURSOR = '\u001b[?25h';

/** A person who reads what is on the terminal before typing: real prompts, streams in memory. */
class Person {
  readonly io: FakeIo;
  readonly exit: Promise<number>;
  #read = 0;
  constructor(argv: string[], parts: FakeParts, env: Record<string, string> = {}) {
    this.io = fakeIo({ terminal: true, env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', HOME: dir, ...env } });

    this.exit = main(argv, this.io, parts);
  }
  /** Waits until `words` appear after what was read before. */
  async sees(words: string, ...then: string[]): Promise<this> {
    let looked = '';
    for (let tries = 0; tries < 500; tries++) {
      const text = this.io.stderr.text;
      if (text === looked && tries > 0) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      looked = text;
      const fresh = stripVTControlCharacters(text.slice(this.#read));
      let at = 0;
      for (const one of [words, ...then]) at = at < 0 ? at : fresh.indexOf(one, at);
      if (at >= 0) {
        this.#read = text.length;
        return this;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(
      `never saw "${words}" in:\n${stripVTControlCharacters(this.io.stderr.text.slice(this.#read))}`,
    );
  }
  types(...keys: string[]): this {
    for (const key of keys) this.io.stdin.write(key);
    return this;
  }
}

const ESC = '\u001b';
const UP = '\u001b[A';
/** The last entry of the menu of a fake report: details, report, again, watch, explain, other, quit. */
const QUIT = [DOWN.repeat(6), ENTER];
const [REPORT, AGAIN, EXPLAIN, OTHER] = [1, 2, 4, 5].map((n) => [DOWN.repeat(n), ENTER]) as [
  string[],
  string[],
  string[],
  string[],
];

describe('what another program printed', () => {
  const said =
    '$ telnet db.example.com 5432\nTrying 192.0.2.7...\ntelnet: Unable to connect to remote host: Connection refused\n';

  it('is pasted, judged without a packet, and ends with what to run next, there', async () => {
    const parts = fakeParts();
    const person = new Person([], parts);
    (await person.sees('Or type paste', 'Target:')).types('paste', ENTER);
    (await person.sees('A line with only a dot ends it.')).types(said.replaceAll('\n', ENTER), '.', ENTER);
    (await person.sees('Read from what telnet printed', 'What next?')).types(...QUIT);
    await person.sees('reachdoctor --diagnose db.example.com:5432');
    expect(await person.exit).toBe(1);
    expect(parts.requests).toEqual([]);
  });

  it('that says nothing known is asked for again; Esc leads out', async () => {
    const person = new Person([], fakeParts());
    (await person.sees('Target:')).types('paste', ENTER);
    (await person.sees('ends it.')).types('hello', ENTER, '.', ENTER);
    (await person.sees('Nothing in it is known', 'ends it.')).types(ESC);
    expect(await person.exit).toBe(130);
  });

  it('ends with Ctrl-D as well, and a Ctrl-D alone is the end', async () => {
    const person = new Person([], fakeParts());
    (await person.sees('Target:')).types('paste', ENTER);
    (await person.sees('ends it.')).types(said.replaceAll('\n', ENTER), CTRL_D);
    (await person.sees('What next?')).types(CTRL_D);
    await person.exit;
    const other = new Person([], fakeParts());
    (await other.sees('Target:')).types('paste', ENTER);
    (await other.sees('ends it.')).types(CTRL_D);
    expect(await other.exit).toBe(130);
  });
});

describe('the first screen', () => {
  it('asks for host and port, measures at once, and says how to repeat it', async () => {
    const parts = fakeParts();
    const person = new Person([], parts);
    (await person.sees('Target:')).types('db.example.com', ENTER);
    (await person.sees('Which port or service of db.example.com?')).types('postg');
    (await person.sees('postgresql (5432)')).types(ENTER);
    (await person.sees('What next?')).types(...QUIT);
    await person.sees('reachdoctor --diagnose db.example.com:5432 --service postgresql\n');
    expect(await person.exit).toBe(1);
    expect(parts.requests).toEqual([
      expect.objectContaining({
        target: expect.objectContaining({ host: 'db.example.com', port: 5432, service: 'postgresql' }),
        answers: {},
      }),
    ]);
    expect(person.io.stderr.text).toContain('Testing TCP 5432 (PostgreSQL) of db.example.com');
    expect(person.io.stderr.text).toContain('SCREEN TCP 5432 on db.example.com is unreachable.');
  });

  it('prints the verdict where standard output goes elsewhere', async () => {
    const person = new Person(['--port', '443'], fakeParts({ outcome: 'reachable' }));
    person.io.stdout.isTTY = false;
    (await person.sees('Target:')).types('example.com', ENTER);
    (await person.sees('What next?')).types(...QUIT);
    expect(await person.exit).toBe(0);
    expect(person.io.stdout.text).toBe('SCREEN TCP 443 on example.com is reachable.\n');
  });

  it.each([
    ['https://user:pw@example.com/login', { host: 'example.com', port: 443, path: '/login' }],
    ['ssh root@db', { host: 'db', port: 22, service: 'ssh' }],
    ['nc -vz db 5432', { host: 'db', port: 5432 }],
  ])('%s is a whole target', async (typed, target) => {
    const parts = fakeParts();
    const person = new Person([], parts);
    (await person.sees('Target:')).types(typed, ENTER);
    (await person.sees('What next?')).types(...QUIT);
    await person.exit;
    expect(person.io.stderr.text).not.toContain('Which port');
    expect(parts.requests[0]?.target).toMatchObject(target);
    expect(JSON.stringify(parts.requests)).not.toContain('pw');
  });

  it.each([
    ['', 'The target is empty'],
    ['-x', 'cannot begin with "-"'],
    ['1.1', 'has 2 numbers and an IPv4 address has four'],
    ['example.com:0', 'Port 0 cannot be connected to'],
    ['a.example b.example c', 'has a space in it'],
    ['fe80::1', 'is a link-local address'],
  ])('%j is refused in place with the same sentence', async (typed, sentence) => {
    const parts = fakeParts();
    const person = new Person([], parts);
    (await person.sees('Target:')).types(typed, ENTER);
    (await person.sees(sentence)).types(CTRL_C);
    expect(await person.exit).toBe(130);
    expect(parts.requests).toEqual([]);
  });

  it('a bad port is told while it is typed', async () => {
    const parts = fakeParts();
    const person = new Person([], parts);
    (await person.sees('Target:')).types('example.com', ENTER);
    (await person.sees('Which port')).types('70000');
    (await person.sees('out of range')).types('\u007f'.repeat(5), '8443');
    (await person.sees('8443 (https-alt)')).types(ENTER);
    (await person.sees('What next?')).types(...QUIT);
    await person.exit;
    expect(parts.requests[0]?.target.port).toBe(8443);
  });

  it('a host on the command line is asked for its port; without a terminal it is told', async () => {
    const parts = fakeParts();
    const person = new Person(['db'], parts);
    (await person.sees('Which port or service of db?')).types('22');
    (await person.sees('22 (ssh)')).types(ENTER);
    (await person.sees('What next?')).types(...QUIT);
    await person.exit;
    expect(parts.requests[0]?.target).toMatchObject({ host: 'db', port: 22 });
    const io = fakeIo();
    expect(await main(['db'], io, fakeParts())).toBe(2);
    expect(io.stderr.text).toContain('"db" has no port');
  });
});

describe('leaving', () => {
  it('Ctrl-C at the first prompt gives the cursor back and ends with 130', async () => {
    const person = new Person([], fakeParts());
    (await person.sees('Target:')).types(CTRL_C);
    expect(await person.exit).toBe(130);
    expect(person.io.stderr.text.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(
      person.io.stderr.text.lastIndexOf('\u001b[?25l'),
    );
  });

  it('Ctrl-D and the end of the input end it too, instead of waiting for ever', async () => {
    const typed = new Person([], fakeParts());
    (await typed.sees('Target:')).types(CTRL_D);
    expect(await typed.exit).toBe(130);
    const closed = new Person([], fakeParts());
    (await closed.sees('Target:')).io.stdin.end();
    expect(await closed.exit).toBe(130);
  });

  it('SIGTERM at a prompt ends with 143', async () => {
    const person = new Person([], fakeParts());
    (await person.sees('Target:')).io.stop.abort('SIGTERM');
    expect(await person.exit).toBe(143);
  });

  it('a signal during the run shows what was gathered and how to repeat it, and asks nothing more', async () => {
    const whole = fakeParts();
    const parts = fakeParts({
      diagnose: async (request, deps) => {
        person.io.stop.abort('SIGINT');
        return whole.diagnose(request, deps);
      },
    });
    const person = new Person([], parts);
    (await person.sees('Target:')).types('example.com:443', ENTER);
    expect(await person.exit).toBe(130);
    expect(person.io.stderr.text).toContain('SCREEN TCP 443');
    expect(person.io.stderr.text).toContain('reachdoctor --diagnose example.com:443');
    expect(person.io.stderr.text).not.toContain('What next?');
  });

  it('Esc during the run ends it early, and what was gathered is on the menu', async () => {
    const whole = fakeParts();
    const parts = fakeParts({
      diagnose: async (request, deps) => {
        await new Promise<void>((resolve) => deps.signal.addEventListener('abort', () => resolve()));
        return whole.diagnose(request, deps);
      },
    });
    const person = new Person([], parts);
    (await person.sees('Target:')).types('example.com:443', ENTER);
    (await person.sees('Testing TCP 443')).types(ESC);
    (await person.sees('Stopped early', 'What next?')).types(...QUIT);
    expect(await person.exit).toBe(1);
  });

  it('Ctrl-C twice during the run is the end, and what was gathered is told all the same', async () => {
    const whole = fakeParts();
    const parts = fakeParts({
      diagnose: async (request, deps) => {
        await new Promise<void>((resolve) => deps.signal.addEventListener('abort', () => resolve()));
        await new Promise((resolve) => setTimeout(resolve, 50));
        return whole.diagnose(request, deps);
      },
    });
    const person = new Person([], parts);
    (await person.sees('Target:')).types('example.com:443', ENTER);
    (await person.sees('Testing TCP 443')).types(CTRL_C, CTRL_C);
    expect(await person.exit).toBe(130);
    expect(person.io.stderr.text).toContain('SCREEN TCP 443');
    expect(person.io.stderr.text).toContain('reachdoctor --diagnose example.com:443');
    expect(person.io.stderr.text).not.toContain('What next?');
  });

  it.each([
    ['the report', REPORT, 'What? (space'],
    ['a cause', EXPLAIN, 'Which one?'],
    ['another target', OTHER, 'Target:'],
  ])('Ctrl-C in %s is one step back, and twice the end; nothing is lost', async (_, keys, question) => {
    const person = new Person([], fakeParts({ causes: [PORT_CLOSED] }));
    (await person.sees('Target:')).types('192.0.2.7:9', ENTER);
    (await person.sees('What next?')).types(...keys);
    (await person.sees(question)).types(CTRL_C);
    (await person.sees('What next?')).types(CTRL_C);
    expect(await person.exit).toBe(130);
    expect(person.io.stderr.text).toContain('The same again, without questions:');
  });

  it('Ctrl-C, another key, Ctrl-C is twice one step', async () => {
    const person = new Person([], fakeParts());
    (await person.sees('Target:')).types('192.0.2.7:9', ENTER);
    (await person.sees('What next?')).types(...REPORT);
    (await person.sees('What? (space')).types(CTRL_C);
    (await person.sees('What next?')).types(DOWN, CTRL_C);
    (await person.sees('Target: (192.0.2.7)')).types(ESC);
    (await person.sees('What next?')).types(...QUIT);
    expect(await person.exit).toBe(1);
  });
});

describe('what only the user knows', async () => {
  const rules = await builtInRules(FACT_TABLE);
  const silent = JSON.parse(
    readFileSync(new URL('../answers/silent-host.json', import.meta.url), 'utf8'),
  ) as Evidence;
  /** The run of the lab, judged by all rules; what is asked to go on is only judged again. */
  const parts = () =>
    fakeParts({
      rules: async () => ({ rules, problems: [], notices: [] }),
      diagnose: async (request, { before }) => {
        const { withAnswers } = await import('../../src/gather/answers.ts');
        const evidence = withAnswers({ ...(before ?? silent), request }, request.answers);
        return { evidence, report: reportOf(evidence, rules, { version: '0.0.0', durationMs: 1 }) };
      },
    });

  it('is asked after measuring, the most telling first, with its reason; the answer tells what it changed', async () => {
    const person = new Person([], parts());
    (await person.sees('Target:')).types(`${silent.request.target.host}:8080`, ENTER);
    (await person.sees('Can others reach it')).types(UP.repeat(2), ENTER);
    (await person.sees('leads, ', 'Did it ever work from here?')).types(ESC);
    (await person.sees('What do you see?')).types(ESC);
    (await person.sees('What next?')).types(...REPORT);
    (await person.sees('What? (space')).types(CTRL_C);
    (await person.sees('What next?')).types(CTRL_C);
    await person.sees('--answer others-can-reach=yes');
    expect(await person.exit).toBe(130);
    expect(person.io.stderr.text).toContain('One question. "Yes" would strengthen');
  });

  it('nothing that the flags answer is asked, and "I don\'t know" is not asked again', async () => {
    const person = new Person(['--answer', 'worked-before=no'], parts());
    (await person.sees('Target:')).types(`${silent.request.target.host}:8080`, ENTER);
    (await person.sees('Can others reach it')).types(ENTER);
    (await person.sees('What do you see?')).types(ENTER);
    (await person.sees('What next?')).types(...REPORT);
    (await person.sees('What? (space')).types(CTRL_C);
    (await person.sees('What next?')).types(CTRL_C);
    await person.exit;
    expect(person.io.stderr.text).not.toContain('Did it ever work');
  });
});

describe('Ctrl-C at a prompt that hangs on another', async () => {
  const rules = await builtInRules(FACT_TABLE);
  const saved = (name: string) =>
    JSON.parse(readFileSync(new URL(`../answers/${name}.json`, import.meta.url), 'utf8')) as Evidence;
  const about = (evidence: Evidence) =>
    fakeParts({
      rules: async () => ({ rules, problems: [], notices: [] }),
      diagnose: async (request) => {
        const now = { ...evidence, request: { ...request, caPem: null } };
        return { evidence: now, report: reportOf(now, rules, { version: '0.0.0', durationMs: 1 }) };
      },
    });
  const placeOf = ({ request: { target } }: Evidence) => `${target.host}:${target.port}`;

  it('the list of questions', async () => {
    const silent = saved('silent-host');
    const person = new Person([], about(silent));
    (await person.sees('Target:')).types(placeOf(silent), ENTER);
    (await person.sees('Can others reach it')).types(ESC);
    (await person.sees('Did it ever work from here?')).types(CTRL_C);
    (await person.sees('What do you see?')).types(ESC);
    (await person.sees('What next?')).types(DOWN.repeat(3), ENTER);
    (await person.sees('Which question?')).types(CTRL_C);
    (await person.sees('What next?')).types(CTRL_C);
    expect(await person.exit).toBe(130);
  });

  it('how long to watch what comes and goes', async () => {
    const service = saved('unknown-service');
    const person = new Person([], about(service));
    (await person.sees('Target:')).types(placeOf(service), ENTER);
    (await person.sees(QUESTION_WORDS.symptom.ask, answerWords('symptom', 'intermittent'))).types(
      UP.repeat(2),
      ENTER,
    );
    (await person.sees('For how long?')).types(CTRL_C);
    (await person.sees(QUESTION_WORDS['vpn-or-proxy'].ask)).types(CTRL_C, CTRL_C);
    expect(await person.exit).toBe(130);
  });

  it.each([
    ['Where to?', []],
    ['Overwrite it?', [join(dir, 'mine.md'), ENTER]],
  ])('%s', async (question, keys) => {
    writeFileSync(join(dir, 'mine.md'), 'mine');
    const person = new Person([], fakeParts());
    (await person.sees('Target:')).types('192.0.2.7:9', ENTER);
    (await person.sees('What next?')).types(...REPORT);
    (await person.sees('What? (space')).types(ENTER);
    (await person.sees('Where to?')).types(...keys);
    if (keys.length > 0) await person.sees(question);
    person.types(CTRL_C);
    (await person.sees('What next?')).types(CTRL_C);
    expect(await person.exit).toBe(130);
    expect(readFileSync(join(dir, 'mine.md'), 'utf8')).toBe('mine');
  });
});

describe('after the diagnosis', () => {
  async function diagnosed(parts: FakeParts, argv: string[] = []): Promise<Person> {
    const person = new Person(argv, parts);
    (await person.sees('Target:')).types('192.0.2.7:9', ENTER);
    return person.sees('What next?');
  }

  it('reports are saved in several formats at once, in the home directory where ~ says so, with their whole path', async () => {
    const person = await diagnosed(fakeParts());
    person.types(...REPORT);
    (await person.sees('What? (space')).types(DOWN, ' ', ENTER);
    (await person.sees('Where to?')).types('~/case', ENTER);
    (await person.sees(`Written: ${join(dir, 'case.md')}`, 'What next?')).types(...QUIT);
    await person.exit;
    expect(readFileSync(join(dir, 'case.md'), 'utf8')).toBe('MARKDOWN TCP 9 on 192.0.2.7 is unreachable.\n');
    expect(readFileSync(join(dir, 'case.html'), 'utf8')).toBe('HTML TCP 9 on 192.0.2.7 is unreachable.\n');
  });

  it('another ending than the format is told, and what is there is only overwritten when it is said', async () => {
    writeFileSync(join(dir, 'there.md'), 'mine');
    const person = await diagnosed(fakeParts());
    person.types(...REPORT);
    (await person.sees('What? (space')).types(ENTER);
    (await person.sees('Where to?')).types(join(dir, 'there.html'), ENTER);
    (await person.sees('another format')).types('\u007f'.repeat(4), 'md', ENTER);
    (await person.sees('Overwrite it?')).types(ENTER);
    (await person.sees('Not written', 'What next?')).types(...REPORT);
    (await person.sees('What? (space')).types(ENTER);
    (await person.sees('Where to?')).types(join(dir, 'there.md'), ENTER);
    expect(readFileSync(join(dir, 'there.md'), 'utf8')).toBe('mine');
    (await person.sees('Overwrite it?')).types(DOWN, ENTER);
    (await person.sees('Written', 'What next?')).types(...QUIT);
    await person.exit;
    expect(readFileSync(join(dir, 'there.md'), 'utf8')).toContain('MARKDOWN');
  });

  it('a directory that is missing is said before anything is lost', async () => {
    const person = await diagnosed(fakeParts());
    person.types(...REPORT);
    (await person.sees('What? (space')).types(ENTER);
    (await person.sees('Where to?')).types(join(dir, 'no/report.md'), ENTER);
    (await person.sees('does not exist')).types(CTRL_C);
    (await person.sees('What next?')).types(CTRL_C);
    expect(await person.exit).toBe(130);
    expect(person.io.stderr.text).toContain('The same again');
  });

  it('the ticket text goes to the clipboard of the terminal', async () => {
    const person = await diagnosed(fakeParts({ causes: [PORT_CLOSED] }));
    person.types(...REPORT);
    (await person.sees('What? (space')).types(' ', DOWN.repeat(5), ' ', ENTER);
    (await person.sees('Enter: back')).types(ENTER);
    (await person.sees('was sent to the clipboard', 'What next?')).types(...QUIT);
    await person.exit;
    const sent = /\u001b\]52;c;([A-Za-z0-9+/=]+)\u0007/.exec(person.io.stderr.text)?.[1] ?? '';
    expect(Buffer.from(sent, 'base64').toString()).toContain(
      'Cause, very likely (97 %): Nothing listens on TCP 9.',
    );
  });

  it('the same is tested again, and held against the first', async () => {
    const parts = fakeParts();
    const person = await diagnosed(parts);
    person.types(...AGAIN);
    (await person.sees('Nothing changed.', 'What next?')).types(...QUIT);
    await person.exit;
    expect(parts.requests).toHaveLength(2);
    expect(parts.requests[1]).toEqual(parts.requests[0]);
  });

  it('another target is tested without what was said about the first, but for the VPN', async () => {
    const parts = fakeParts();
    const answers = ['--answer', 'symptom=hangs', '--answer', 'vpn-or-proxy=no'];
    const person = await diagnosed(parts, answers);
    person.types(...OTHER);
    (await person.sees('Target:')).types('192.0.2.7 22', ENTER);
    (await person.sees('What next?')).types(...QUIT);
    await person.sees('reachdoctor --diagnose 192.0.2.7:22 --answer vpn-or-proxy=no\n');
    await person.exit;
    expect(parts.requests[1]).toMatchObject({
      target: { host: '192.0.2.7', port: 22 },
      answers: { 'vpn-or-proxy': 'no' },
    });
  });

  it('a cause is explained, the ones found here first', async () => {
    const person = await diagnosed(fakeParts({ causes: [PORT_CLOSED] }));
    person.types(...EXPLAIN);
    (await person.sees('Nothing listens on TCP 9 (port-closed)')).types(ENTER);
    (await person.sees('The host answers that no program listens there.', 'Enter:')).types(ESC);
    (await person.sees('What next?')).types(...QUIT);
    expect(await person.exit).toBe(1);
  });

  it('text of a stranger in a title cannot act on the terminal', async () => {
    const title = 'evil \u001b]0;owned\u0007\u001b[2J name';
    const person = await diagnosed(fakeParts({ causes: [{ ...PORT_CLOSED, title }] }));
    person.types(...EXPLAIN);
    (await person.sees('evil \\x1b]0;owned\\x07')).types(CTRL_C);
    (await person.sees('What next?')).types(CTRL_C);
    await person.exit;
    expect(person.io.stderr.text).not.toContain('\u001b]0;owned');
    expect(person.io.stderr.text).not.toContain('\u001b[2J');
  });

  it('--plain draws nothing over, and numbers the choices', async () => {
    const person = await diagnosed(fakeParts(), ['--plain']);
    person.types('7', ENTER);
    expect(await person.exit).toBe(1);
    expect(stripVTControlCharacters(person.io.stderr.text)).toContain('7) Quit');
    expect(person.io.stderr.text).not.toContain('\u001b[H');
  });
});
