import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../src/command/main.ts';
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
  constructor(argv: string[], parts: FakeParts) {
    this.io = fakeIo({ terminal: true });
    this.exit = main(argv, this.io, parts);
  }
  /** Waits until `words` appear after what was read before. */
  async sees(words: string): Promise<this> {
    for (let tries = 0; tries < 500; tries++) {
      const text = this.io.stderr.text;
      const at = stripVTControlCharacters(text.slice(this.#read)).indexOf(words);
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

const ANSWERED = [
  ['--answer', 'symptom=hangs'],
  ['--answer', 'worked-before=no'],
  ['--answer', 'others-can-reach=unknown'],
  ['--answer', 'vpn-or-proxy=no'],
].flat();

describe('the wizard', () => {
  it('asks for host, port and what only the user knows, diagnoses, and says how to repeat it', async () => {
    const parts = fakeParts();
    const person = new Person([], parts);
    (await person.sees('What can you not reach?')).types('db.example.com', ENTER);
    (await person.sees('Which port or service?')).types('postgresql', ENTER);
    (await person.sees('What do you see?')).types('\u001b[A'.repeat(5), DOWN, ENTER);
    (await person.sees('Did it ever work')).types('\u001b[A'.repeat(2), ENTER);
    (await person.sees('Can others reach it')).types(ENTER);
    (await person.sees('VPN or a proxy')).types('\u001b[A', ENTER);
    (await person.sees('What next?')).types(DOWN.repeat(4), ENTER);
    await person.sees(
      'reachdoctor --diagnose db.example.com:5432 --service postgresql --answer symptom=hangs --answer worked-before=yes --answer vpn-or-proxy=no',
    );
    expect(await person.exit).toBe(1);
    expect(parts.requests).toEqual([
      expect.objectContaining({
        target: expect.objectContaining({ host: 'db.example.com', port: 5432, service: 'postgresql' }),
        answers: { symptom: 'hangs', 'worked-before': 'yes', 'vpn-or-proxy': 'no' },
      }),
    ]);
    expect(person.io.stdout.text).toBe('SCREEN TCP 5432 on db.example.com is unreachable.\n');
  });

  it('asks only what the flags leave open', async () => {
    const parts = fakeParts({ outcome: 'reachable' });
    const person = new Person(['--port', '443', ...ANSWERED], parts);
    (await person.sees('What can you not reach?')).types('example.com', ENTER);
    (await person.sees('What next?')).types(DOWN.repeat(4), ENTER);
    expect(await person.exit).toBe(0);
    expect(person.io.stderr.text).not.toContain('Which port');
    expect(parts.requests[0]).toMatchObject({
      target: { host: 'example.com', port: 443 },
      answers: { symptom: 'hangs' },
    });
  });

  it('a whole target answers the question for the port as well', async () => {
    const parts = fakeParts();
    const person = new Person(ANSWERED, parts);
    (await person.sees('What can you not reach?')).types('https://example.com/login', ENTER);
    (await person.sees('What next?')).types(DOWN.repeat(4), ENTER);
    await person.exit;
    expect(person.io.stderr.text).not.toContain('Which port');
    expect(parts.requests[0]?.target).toMatchObject({ host: 'example.com', port: 443, path: '/login' });
  });

  it.each([
    ['', 'The target is empty'],
    ['-x', 'cannot begin with "-"'],
    ['1.1', 'has 2 numbers and an IPv4 address has four'],
    ['example.com:0', 'Port 0 cannot be connected to'],
    ['a.example b.example', 'has a space in it'],
    ['fe80::1', 'is a link-local address'],
  ])('the host %j is refused in place with the same sentence', async (typed, sentence) => {
    const parts = fakeParts();
    const person = new Person(ANSWERED, parts);
    (await person.sees('What can you not reach?')).types(typed, ENTER);
    (await person.sees(sentence)).types(CTRL_C);
    expect(await person.exit).toBe(130);
    expect(parts.requests).toEqual([]);
  });

  it('a bad port is refused in place, and can be corrected', async () => {
    const parts = fakeParts();
    const person = new Person(ANSWERED, parts);
    (await person.sees('What can you not reach?')).types('example.com', ENTER);
    (await person.sees('Which port')).types('70000', ENTER);
    (await person.sees('out of range')).types('\u007f'.repeat(5), '443', ENTER);
    (await person.sees('What next?')).types(DOWN.repeat(4), ENTER);
    await person.exit;
    expect(parts.requests[0]?.target.port).toBe(443);
  });

  it('Ctrl-C at a prompt gives the cursor back and ends with 130', async () => {
    const person = new Person([], fakeParts());
    (await person.sees('What can you not reach?')).types(CTRL_C);
    expect(await person.exit).toBe(130);
    expect(person.io.stderr.text.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(
      person.io.stderr.text.lastIndexOf('\u001b[?25l'),
    );
  });

  it('Ctrl-D and the end of the input end it too, instead of waiting for ever', async () => {
    const typed = new Person([], fakeParts());
    (await typed.sees('What can you not reach?')).types(CTRL_D);
    expect(await typed.exit).toBe(130);
    const closed = new Person([], fakeParts());
    (await closed.sees('What can you not reach?')).io.stdin.end();
    expect(await closed.exit).toBe(130);
  });

  it('SIGTERM at a prompt ends with 143', async () => {
    const person = new Person([], fakeParts());
    (await person.sees('What can you not reach?')).io.stop.abort('SIGTERM');
    expect(await person.exit).toBe(143);
  });

  it('Ctrl-C during the run shows what was gathered and how to repeat it, and asks nothing more', async () => {
    const whole = fakeParts();
    const parts = fakeParts({
      diagnose: async (request, deps) => {
        person.io.stop.abort('SIGINT');
        return whole.diagnose(request, deps);
      },
    });
    const person = new Person(ANSWERED, parts);
    (await person.sees('What can you not reach?')).types('example.com:443', ENTER);
    expect(await person.exit).toBe(130);
    expect(person.io.stdout.text).toContain('SCREEN TCP 443');
    expect(person.io.stderr.text).toContain('reachdoctor --diagnose example.com:443');
    expect(person.io.stderr.text).not.toContain('What next?');
  });
});

describe('after the diagnosis', () => {
  async function diagnosed(parts: FakeParts): Promise<Person> {
    const person = new Person(ANSWERED, parts);
    (await person.sees('What can you not reach?')).types('192.0.2.7:9', ENTER);
    return person.sees('What next?');
  }

  it('a report is saved where the user says, in the format that was chosen', async () => {
    const person = await diagnosed(fakeParts());
    person.types(ENTER);
    (await person.sees('Which format?')).types(DOWN, ENTER);
    (await person.sees('Where to?')).types(join(dir, 'report.md'), ENTER);
    (await person.sees('another format')).types('\u007f'.repeat(2), 'html', ENTER);
    (await person.sees('What next?')).types(DOWN.repeat(4), ENTER);
    await person.exit;
    expect(readFileSync(join(dir, 'report.html'), 'utf8')).toBe('HTML TCP 9 on 192.0.2.7 is unreachable.\n');
    expect(existsSync(join(dir, 'report.md'))).toBe(false);
  });

  it('a directory that is missing is said before anything is lost', async () => {
    const person = await diagnosed(fakeParts());
    person.types(ENTER);
    (await person.sees('Which format?')).types(ENTER);
    (await person.sees('Where to?')).types(join(dir, 'no/report.md'), ENTER);
    (await person.sees('does not exist')).types(CTRL_C);
    expect(await person.exit).toBe(130);
    expect(person.io.stderr.text).toContain('The same again');
  });

  it('the same is tested again', async () => {
    const parts = fakeParts();
    const person = await diagnosed(parts);
    person.types(DOWN, ENTER);
    await person.sees('What next? Test again');
    (await person.sees('What next?')).types(DOWN.repeat(4), ENTER);
    await person.exit;
    expect(parts.requests).toHaveLength(2);
    expect(parts.requests[1]).toEqual(parts.requests[0]);
  });

  it('another port is tested without what was said about the first', async () => {
    const parts = fakeParts();
    const person = await diagnosed(parts);
    person.types(DOWN.repeat(2), ENTER);
    (await person.sees('Which port of 192.0.2.7')).types('22', ENTER);
    (await person.sees('What next?')).types(DOWN.repeat(4), ENTER);
    await person.sees('reachdoctor --diagnose 192.0.2.7:22 --answer vpn-or-proxy=no\n');
    await person.exit;
    expect(parts.requests[1]).toMatchObject({
      target: { host: '192.0.2.7', port: 22 },
      answers: { 'vpn-or-proxy': 'no' },
    });
  });

  it('a cause is explained in depth, the ones found here first', async () => {
    const person = await diagnosed(fakeParts({ causes: [PORT_CLOSED] }));
    person.types(DOWN.repeat(3), ENTER);
    (await person.sees('Nothing listens on TCP 9 (port-closed)')).types(ENTER);
    (await person.sees('What next?')).types(DOWN.repeat(4), ENTER);
    await person.exit;
    expect(person.io.stdout.text).toContain('The host answers that no program listens there.');
  });

  it('text of a stranger in a title cannot act on the terminal', async () => {
    const title = 'evil \u001b]0;owned\u0007\u001b[2J name';
    const person = await diagnosed(fakeParts({ causes: [{ ...PORT_CLOSED, title }] }));
    person.types(DOWN.repeat(3), ENTER);
    (await person.sees('evil \\x1b]0;owned\\x07')).types(CTRL_C);
    await person.exit;
    expect(person.io.stderr.text).not.toContain('\u001b]0;owned');
    expect(person.io.stderr.text).not.toContain('\u001b[2J');
  });
});
