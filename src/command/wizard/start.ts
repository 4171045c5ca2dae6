import type { Rule } from '../../model/rule.ts';
import { createAsk, PromptEnded } from '../ask.ts';
import { deliver, print, screenOptions, userIdOf } from '../deliver.ts';
import type { Parts } from '../engine.ts';
import { exitCodeOf, exitCodeOfSignal } from '../exit-code.ts';
import { type Io, type measure, stoppedBy } from '../main.ts';
import { commandLine, repeatArguments } from '../repeat-command.ts';
import type { Settings } from '../settings.ts';
import { startedAs } from '../started-as.ts';
import type { HostOnly } from '../typed.ts';
import { isUsageError } from '../usage-error.ts';
import { createScreen } from './screen.ts';
import type { WizardTools } from './tools.ts';
import { wizard } from './wizard.ts';

interface Given {
  settings: Settings;
  ready: { rules: Rule[]; caPem: string | null };
  io: Io;
  parts: Parts;
  measure: typeof measure;
  /** The jobs that stay. */
  watch: WizardTools['watch'];
}

/** The wizard on the terminal of this process. Returns the exit code. */
export async function startWizard(
  { settings, ready, io, parts, measure, watch }: Given,
  typed: HostOnly | null,
): Promise<number> {
  const { plain } = settings;
  const ask = createAsk({ input: io.stdin, output: io.stderr, signal: io.interrupt, plain });
  const screen = createScreen(io.stderr, { plain });
  const options = () => ({ ...screenOptions(settings, io), width: screen.columns() - 1 });
  const program = io.started === undefined ? undefined : startedAs(io.started, io);
  const isSeen = io.stdout.isTTY === true;
  const tools: WizardTools = {
    settings,
    ask,
    screen,
    rules: ready.rules,
    measure: (request, before, signal) =>
      measure({ ...request, caPem: ready.caPem }, settings, ready, io, parts, { before, signal }),
    async readPasted(text) {
      const { explainPasted } = await import('../explain-output.ts');
      const read = await explainPasted(text, { target: null, settings }, ready, io.platform, parts);
      if (isUsageError(read)) return read;
      const { report, evidence, preface, next } = read;
      return { measured: { report, evidence }, said: `${preface.trim()}\n${next.trim()}` };
    },
    async deliver({ report: whole, evidence }) {
      const { report, allWritten } = await deliver(whole, evidence, settings, io, parts, !isSeen);
      return { report, exitCode: exitCodeOf(report.outcome, { stoppedBy: stoppedBy(io), allWritten }) };
    },
    verdict: (report) => parts.screen(report, { ...options(), verbose: false, menu: true }),
    details: (report) => parts.screen(report, { ...options(), verbose: true }),
    document: parts.document,
    page: pager(ask, screen, plain),
    watch,
    source: parts.source,
    show: (text) => print(io.stdout, text),
    stoppedBy: () => stoppedBy(io),
    repeat: (request, more = []) =>
      commandLine([...repeatArguments(request, settings), ...more], io.platform, program),
    options: options(),
    userId: userIdOf(io),
    home: io.env.HOME ?? io.env.USERPROFILE ?? null,
  };
  try {
    return await wizard(tools, typed);
  } catch (error) {
    if (!(error instanceof PromptEnded)) throw error;
    return exitCodeOfSignal(stoppedBy(io) ?? 'SIGINT');
  }
}

/** Rows of a page that are no text: the line of the title, the question, and the one below it. */
const FRAME_ROWS = 4;

function pager(ask: WizardTools['ask'], screen: WizardTools['screen'], plain: boolean): WizardTools['page'] {
  return async (title, text) => {
    const lines = text.replace(/\n+$/, '').split('\n');
    const size = plain ? lines.length : Math.max(5, screen.rows() - FRAME_ROWS);
    for (let from = 0; from < lines.length; from += size) {
      const isLast = from + size >= lines.length;
      await screen.draw(title, lines.slice(from, from + size).join('\n'), 1);
      await ask.text({
        message: isLast ? 'Enter: back' : `Enter: more (${from + size} of ${lines.length} lines)`,
        check: () => null,
      });
    }
  };
}
