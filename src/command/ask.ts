import { createInterface, emitKeypressEvents } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { safe } from '../report/sanitize.ts';

interface TextQuestion {
  message: string;
  default?: string;
  /** The sentence to show when the text will not do, null when it will. */
  check(text: string): string | null | Promise<string | null>;
}
export interface Choice<T> {
  name: string;
  value: T;
  hint?: string;
  /** Only to be read: why nothing that was typed will do. */
  disabled?: boolean;
}
interface ChoiceQuestion<T> {
  message: string;
  choices: Choice<T>[];
  default?: T;
  /** Rows for the choices; the others are scrolled to. */
  rows?: number;
}
interface SearchQuestion {
  message: string;
  /** What fits what was typed so far; the first is taken by Enter. */
  find(typed: string): Choice<string>[];
  rows?: number;
}
/** The door to the person at the terminal. All reject with PromptEnded when no answer will come. */
export interface Ask {
  text(question: TextQuestion): Promise<string>;
  choose<T extends string>(question: ChoiceQuestion<T>): Promise<T>;
  /** Any number of them. */
  several<T extends string>(question: ChoiceQuestion<T> & { chosen: readonly T[] }): Promise<T[]>;
  /** Lines as they are typed or pasted, up to one that holds only a dot, or Ctrl-D; at most 4 MiB. */
  lines(message: string): Promise<string>;
  /** A word, completed while it is typed. */
  search(question: SearchQuestion): Promise<string>;
  /** Until the returned function is called, Esc and Ctrl-C call `stop` instead of what they did before. */
  whileBusy(stop: (by: Ending) => void): () => void;
}

/**
 * `back`: Esc, or Ctrl-C once; `interrupted`: Ctrl-C twice, or a signal; `input-ended`: Ctrl-D, a closed terminal.
 */
export type Ending = 'back' | 'interrupted' | 'input-ended';

/** A prompt that was not answered. */
export class PromptEnded extends Error {
  readonly by: Ending;
  constructor(by: Ending) {
    super(`no answer: ${by}`);
    this.by = by;
  }
}

interface Key {
  ctrl?: boolean;
  name?: string;
}

interface Streams {
  input: Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  output: Writable;
  signal: AbortSignal;
  /** For screen readers: choices are numbered lines, and nothing is drawn over. */
  plain?: boolean;
}

/** More than anybody pastes. */
const MAX_LINES_OCTETS = 4 * 1024 * 1024;

/** Asks through inquirer, which is loaded at the first question. The cursor is visible again whatever ends a prompt. */
export function createAsk({ input, output, signal, plain = false }: Streams): Ask {
  /** Ctrl-C was the last key: the next one is the end. */
  let armed = false;

  /** What a key says of going on; null where it is an ordinary one. */
  const endingOf = (key: Key | undefined): Ending | null => {
    if (key?.ctrl === true && key.name === 'd') return 'input-ended';
    if (key?.ctrl === true && key.name === 'c') {
      const ending = armed ? 'interrupted' : 'back';
      armed = !armed;
      return ending;
    }
    armed = false;
    return key?.name === 'escape' ? 'back' : null;
  };

  async function prompt<T>(question: Record<string, unknown>): Promise<T> {
    const { default: inquirer } = await import('inquirer');
    // Without this the end of the input leaves the prompt pending for ever: inquirer hears of it in the exit event only.
    const ended = new AbortController();
    const end = (by: Ending) => {
      if (!ended.signal.aborted) ended.abort(by);
    };
    const onEnd = () => end('input-ended');
    const onKey = (_text: string, key: Key | undefined) => {
      const by = endingOf(key);
      if (by !== null) end(by);
    };
    input.on('keypress', onKey);
    for (const event of ['end', 'close', 'error']) input.on(event, onEnd);
    if (input.readableEnded || input.destroyed) onEnd();
    try {
      const ask = inquirer.createPromptModule({
        input: input as NodeJS.ReadableStream,
        output: output as NodeJS.WritableStream,
        signal: AbortSignal.any([signal, ended.signal]),
      });
      const answers = await ask([{ ...question, name: 'answer' }] as never);
      return (answers as { answer: T }).answer;
    } catch (error) {
      if (signal.aborted) throw new PromptEnded('interrupted');
      if (ended.signal.aborted) throw new PromptEnded(ended.signal.reason as Ending);
      // Their classes are not exported by inquirer; the names are.
      const name = error instanceof Error ? error.name : '';
      if (name === 'ExitPromptError' || name === 'AbortPromptError') {
        // Its own ear for Ctrl-C was quicker than ours.
        await new Promise((resolve) => setImmediate(resolve));
        throw new PromptEnded(ended.signal.aborted ? (ended.signal.reason as Ending) : 'interrupted');
      }
      throw error;
    } finally {
      input.off('keypress', onKey);
      for (const event of ['end', 'close', 'error']) input.off(event, onEnd);
    }
  }

  const shown = <T>(choices: readonly Choice<T>[]) =>
    choices.map(({ name, value, hint, disabled }) => ({
      value,
      ...(disabled === true ? { disabled: true } : {}),
      name: safe(name),
      short: safe(name),
      ...(hint === undefined ? {} : { description: safe(hint) }),
    }));

  return {
    text: (question) =>
      prompt<string>({
        type: 'input',
        message: safe(question.message),
        ...(question.default === undefined ? {} : { default: question.default }),
        validate: async (text: string) => {
          const problem = await question.check(text);
          return problem === null ? true : safe(problem);
        },
      }),
    choose: (question) =>
      prompt({
        type: plain ? 'rawlist' : 'select',
        message: safe(question.message),
        choices: shown(question.choices),
        ...(question.default === undefined ? {} : { default: question.default }),
        pageSize: question.rows ?? 12,
        loop: false,
      }),
    several: (question) =>
      prompt({
        type: 'checkbox',
        message: safe(question.message),
        choices: shown(question.choices).map((choice) => ({
          ...choice,
          checked: question.chosen.includes(choice.value),
        })),
        pageSize: question.rows ?? 12,
        loop: false,
        required: true,
      }),
    search: (question) =>
      prompt({
        type: 'search',
        message: safe(question.message),
        source: (typed: string | undefined) => shown(question.find(typed ?? '')),
        pageSize: question.rows ?? 7,
      }),
    lines: (message) =>
      new Promise((resolve, reject) => {
        output.write(`${safe(message)}\n`);
        const found: string[] = [];
        let octets = 0;
        const reader = createInterface({ input, output, terminal: true, prompt: '', historySize: 0 });
        const settle = (act: () => void) => {
          input.off('keypress', onKey);
          signal.removeEventListener('abort', onAbort);
          reader.removeAllListeners();
          reader.close();
          act();
        };
        const done = () => settle(() => resolve(found.join('\n')));
        const fail = (by: Ending) => settle(() => reject(new PromptEnded(by)));
        const end = (by: Ending) => (by === 'input-ended' && found.length > 0 ? done() : fail(by));
        const onAbort = () => fail('interrupted');
        const onKey = (_text: string, key: Key | undefined) => {
          const by = endingOf(key);
          if (by !== null) end(by);
        };
        input.on('keypress', onKey);
        signal.addEventListener('abort', onAbort, { once: true });
        reader.on('line', (line) => {
          if (line.trim() === '.') return done();
          octets += Buffer.byteLength(line) + 1;
          if (octets <= MAX_LINES_OCTETS) found.push(line);
        });
        reader.on('close', () => end('input-ended'));
        // Its own ear for Ctrl-C; ours has heard it.
        reader.on('SIGINT', () => {});
        if (signal.aborted) onAbort();
      }),
    whileBusy(stop) {
      emitKeypressEvents(input);
      const onKey = (_text: string, key: Key | undefined) => {
        const by = endingOf(key);
        if (by !== null) stop(by);
      };
      input.on('keypress', onKey);
      input.setRawMode?.(true);
      input.resume();
      return () => {
        input.off('keypress', onKey);
        input.setRawMode?.(false);
        input.pause();
      };
    },
  };
}
