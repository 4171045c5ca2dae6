import type { Readable, Writable } from 'node:stream';
import { safe } from '../report/sanitize.ts';

interface TextQuestion {
  message: string;
  default?: string;
  /** The sentence to show when the text will not do, null when it will. */
  check(text: string): string | null | Promise<string | null>;
}
interface ChoiceQuestion<T> {
  message: string;
  choices: { name: string; value: T; hint?: string }[];
  default?: T;
}
/** The door to the person at the terminal. Both reject with PromptEnded when no answer will come. */
export interface Ask {
  text(question: TextQuestion): Promise<string>;
  choose<T extends string>(question: ChoiceQuestion<T>): Promise<T>;
}

/** Ctrl-C or a signal at a prompt (`interrupted`), or the end of the input: Ctrl-D, a closed terminal (`input-ended`). */
export class PromptEnded extends Error {
  readonly by: 'interrupted' | 'input-ended';
  constructor(by: 'interrupted' | 'input-ended') {
    super(`no answer: ${by}`);
    this.by = by;
  }
}

/** Asks through inquirer, which is loaded at the first question. The cursor is visible again whatever ends a prompt. */
export function createAsk(streams: { input: Readable; output: Writable; signal: AbortSignal }): Ask {
  const { input, output, signal } = streams;

  async function prompt<T>(question: Record<string, unknown>): Promise<T> {
    const { default: inquirer } = await import('inquirer');
    // Without this the end of the input leaves the prompt pending for ever: inquirer hears of it in the exit event only.
    const ended = new AbortController();
    const end = () => ended.abort();
    const onKey = (_text: string, key: { ctrl?: boolean; name?: string } | undefined) => {
      if (key?.ctrl === true && key.name === 'd') end();
    };
    input.on('keypress', onKey);
    for (const event of ['end', 'close', 'error']) input.on(event, end);
    if (input.readableEnded || input.destroyed) end();
    try {
      const ask = inquirer.createPromptModule({
        input: input as NodeJS.ReadableStream,
        output: output as NodeJS.WritableStream,
        signal: AbortSignal.any([signal, ended.signal]),
      });
      const answers = await ask([{ ...question, name: 'answer' }] as never);
      return (answers as { answer: T }).answer;
    } catch (error) {
      if (ended.signal.aborted) throw new PromptEnded('input-ended');
      // Their classes are not exported by inquirer; the names are.
      const name = error instanceof Error ? error.name : '';
      if (name === 'ExitPromptError' || name === 'AbortPromptError') throw new PromptEnded('interrupted');
      throw error;
    } finally {
      input.off('keypress', onKey);
      for (const event of ['end', 'close', 'error']) input.off(event, end);
    }
  }

  return {
    text: (question) =>
      prompt<string>({
        type: 'input',
        message: safe(question.message),
        ...(question.default === undefined ? {} : { default: safe(question.default) }),
        validate: async (text: string) => (await question.check(text)) ?? true,
      }),
    choose: (question) =>
      prompt({
        type: 'select',
        message: safe(question.message),
        choices: question.choices.map(({ name, value, hint }) => ({
          name: safe(name),
          value,
          short: safe(name),
          ...(hint === undefined ? {} : { description: safe(hint) }),
        })),
        ...(question.default === undefined ? {} : { default: question.default }),
        pageSize: 12,
        loop: false,
      }),
  };
}
