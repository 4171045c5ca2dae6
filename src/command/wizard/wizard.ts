import { answerNotesOf } from '../../judge/report-of.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Inquiry } from '../../model/inquiry.ts';
import type { Report } from '../../model/report.ts';
import type { Answers, Target } from '../../model/request.ts';
import { QUESTION_WORDS, whatChanged, whyAsked } from '../../report/inquiry-words.ts';
import { safe } from '../../report/sanitize.ts';
import { targetWords, testingWords } from '../../report/testing-words.ts';
import { PromptEnded } from '../ask.ts';
import { exitCodeOfSignal } from '../exit-code.ts';
import type { Measured } from '../main.ts';
import type { HostOnly } from '../typed.ts';
import { isUsageError } from '../usage-error.ts';
import { answerFor, askInquiry } from './ask-inquiry.ts';
import { askPort, askTarget } from './ask-target.ts';
import { menuOf, type Next } from './menu.ts';
import { compareAgain, explain, extraTest, keepWatching } from './more.ts';
import { saveReport } from './save.ts';
import { prose } from './screen.ts';
import type { Wish, WizardTools } from './tools.ts';

/** What is known of one target. */
export interface State {
  request: Wish;
  measured: Measured;
  /** As it may be shown. */
  report: Report;
  exitCode: number;
  /** Asked in this run, "I don't know" included: nothing is asked twice by itself. */
  asked: Set<keyof Answers>;
  /** What the last step came to, above the next question. */
  said: string;
  /** The user wants no more: what was gathered is still told. */
  isOver: boolean;
}

const STEPS = { target: '1 of 3, what', measure: '2 of 3, measuring', result: '3 of 3, result' } as const;

/**
 * Measures as soon as the target is known, asks what can change the result, and offers what comes next. Returns the exit
 * code of the last diagnosis; what was found is on the screen, and the command that repeats it below, whatever ended it.
 */
export async function wizard(tools: WizardTools, typed: HostOnly | null): Promise<number> {
  let state: State | null = null;
  let code: number | null = null;
  try {
    state = await begin(await firstTarget(typed, tools), tools.settings.wish.answers, tools);
    while (tools.stoppedBy() === null && !state.isOver) {
      const next = await onResult(state, tools);
      if (next === null) break;
      state = next;
    }
  } catch (error) {
    if (!(error instanceof PromptEnded)) throw error;
    code = exitCodeOfSignal(tools.stoppedBy() ?? 'SIGINT');
  }
  if (state?.isOver === true) code = exitCodeOfSignal(tools.stoppedBy() ?? 'SIGINT');
  if (state !== null) {
    const isShown = code === null || state.isOver;
    const left = isShown ? await tools.verdict(state.report) : '';
    if (isShown) await tools.screen.draw('the result', `\n${left}`);
    await tools.screen.add(`\nThe same again, without questions:\n  ${tools.repeat(state.request)}\n`);
  } else await tools.screen.add('\n');
  return code ?? state?.exitCode ?? 0;
}

// ---------------------------------------------------------------- what to diagnose

const WHAT = `
What can you not reach?

A host and a port, as in db.example.com:5432 or db 5432, a host alone, a URL, or the command that fails: ssh root@db, curl https://www.example.com/, nc -vz db 25

Or type paste, to have read what such a command printed, here or elsewhere.
`;

async function firstTarget(typed: HostOnly | null, tools: WizardTools): Promise<Target | null> {
  const { ask, screen, settings } = tools;
  const title = `step ${STEPS.target}`;
  if (typed !== null) {
    const rows = await screen.draw(title, `\n${safe(typed.host)}\n`);
    const target = await askPort(typed, ask, rows);
    if (target !== null) return target;
  }
  const rows = await screen.draw(title, WHAT);
  return askTarget(settings, ask, { message: 'Target:', rows });
}

// ---------------------------------------------------------------- measuring

/** `target` null = something is pasted. */
async function begin(target: Target | null, answers: Answers, tools: WizardTools): Promise<State> {
  if (target === null) return pasted(tools);
  const request: Wish = { ...tools.settings.wish, target, answers };
  return measured(request, null, new Set(Object.keys(answers) as (keyof Answers)[]), tools);
}

/** What another program printed: nothing is measured, and nothing is asked by itself. */
async function pasted(tools: WizardTools): Promise<State> {
  let why = '';
  for (;;) {
    await tools.screen.draw(`step ${STEPS.target}`, `\n${prose(safe(why), tools.screen.columns())}\n`);
    const text = await tools.ask.lines(
      'Paste what it printed, with the command above it. A line with only a dot ends it.',
    );
    const read = await tools.readPasted(text);
    if (isUsageError(read)) {
      why = read.error;
      continue;
    }
    const { caPem: _, ...request } = read.measured.evidence.request;
    const { report, exitCode } = await tools.deliver(read.measured);
    const asked = new Set(Object.keys(QUESTION_WORDS) as (keyof Answers)[]);
    return { request, measured: read.measured, report, exitCode, asked, said: read.said, isOver: false };
  }
}

/** Measures, or goes on from what was measured. Esc and Ctrl-C end it early; what was gathered counts. */
export async function measured(
  request: Wish,
  before: Evidence | null,
  asked: Set<keyof Answers>,
  tools: WizardTools,
): Promise<State> {
  const { screen, ask } = tools;
  const early = new AbortController();
  let isOver = false;
  const free = ask.whileBusy((by) => {
    isOver ||= by !== 'back';
    early.abort();
  });
  try {
    const source = await tools.source(request.target.host);
    const what = `Testing ${testingWords(request.target, source)}`;
    await screen.draw(`step ${STEPS.measure}`, `\n${prose(safe(what), screen.columns())}\n`);
    const found = await tools.measure(request, before, early.signal);
    const { report, exitCode } = await tools.deliver(found);
    const said = early.signal.aborted ? 'Stopped early: this is what was measured until then.' : '';
    return { request, measured: found, report, exitCode, asked, said, isOver };
  } finally {
    free();
  }
}

/** The same evidence, and what more the changed request asks for. */
export async function goOn(state: State, request: Wish, tools: WizardTools): Promise<State> {
  const { evidence } = state.measured;
  const after = await measured(request, evidence, state.asked, tools);
  const noted = [...notesOf(after)].filter((text) => !notesOf(state).has(text));
  // Without a cause the notes stand in the verdict already.
  const note = after.report.causes.length === 0 ? '' : (noted[0] ?? '');
  const said = [after.said, whatChanged(state.report, after.report), note];
  return { ...after, said: said.filter((text) => text !== '').join('\n') };
}

function notesOf({ measured, report }: State): Set<string> {
  const { evidence } = measured;
  return new Set(evidence === null ? [] : answerNotesOf(evidence, report.causes).map(({ text }) => text));
}

// ---------------------------------------------------------------- the result

/** One step from a result: a question that is worth asking, or what the user chooses. Null = leave. */
async function onResult(state: State, tools: WizardTools): Promise<State | null> {
  const inquiries = await inquiriesFor(state, tools);
  const open = inquiries.find(({ question }) => !state.asked.has(question));
  if (open !== undefined) return askAndGoOn(open, state, tools);
  const extra = await extraFor(state, tools);
  const rows = await drawResult(state, tools, '');
  let next: Next;
  try {
    next = await tools.ask.choose({
      message: 'What next?',
      choices: menuOf({ report: state.report, questions: inquiries.length, extra }),
      rows,
    });
  } catch (error) {
    if (!(error instanceof PromptEnded) || error.by !== 'back') throw error;
    next = 'other';
  }
  return back(state, () => follow(next, { ...state, said: '' }, { inquiries, extra }, tools));
}

/** Esc, or Ctrl-C once, in whatever was chosen leads back to the result, and nothing of it is lost. */
async function back<T>(state: State, step: () => Promise<T>): Promise<T | State> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof PromptEnded && error.by === 'back') return { ...state, said: '' };
    throw error;
  }
}

async function drawResult(state: State, tools: WizardTools, more: string): Promise<number> {
  const { screen } = tools;
  const verdict = await tools.verdict(state.report);
  const said = [state.said, more]
    .filter((text) => text !== '')
    .map(
      (text) =>
        `\n${text
          .split('\n')
          .map((line) => prose(safe(line), screen.columns()))
          .join('\n')}`,
    )
    .join('');
  return screen.draw(`step ${STEPS.result}`, `${verdict.trimEnd()}${said === '' ? '' : `\n${said}`}\n`);
}

async function inquiriesFor({ measured }: State, tools: WizardTools): Promise<Inquiry[]> {
  if (measured.evidence === null || tools.stoppedBy() !== null) return [];
  const { inquiriesOf } = await import('../../gather/inquiries.ts');
  return inquiriesOf(measured.evidence, tools.rules);
}

async function extraFor({ measured }: State, tools: WizardTools) {
  if (measured.evidence === null) return null;
  const { extraTestOf } = await import('../../gather/extra-tests.ts');
  return extraTestOf(measured.evidence, measured.report, tools.rules);
}

async function askAndGoOn(inquiry: Inquiry, state: State, tools: WizardTools): Promise<State> {
  state.asked.add(inquiry.question);
  const rows = await drawResult(state, tools, `One question. ${whyAsked(inquiry)}`);
  const answer = await back(state, () => askInquiry(inquiry.question, tools.ask, rows));
  // "I don't know" is not something to reason from: it is left out, as if it had not been asked.
  if (typeof answer !== 'string' || answer === 'unknown') return { ...state, said: '' };
  return back(state, async () =>
    goOn(state, await answerFor(state.request, inquiry.question, answer, tools), tools),
  );
}

// ---------------------------------------------------------------- what comes next

interface Offered {
  inquiries: Inquiry[];
  extra: Awaited<ReturnType<typeof extraFor>>;
}

async function follow(next: Next, state: State, offered: Offered, tools: WizardTools): Promise<State | null> {
  const { report } = state;
  const title = targetWords(report.target);
  switch (next) {
    case 'quit':
      return null;
    case 'details':
      await tools.page(`${title}, details`, await tools.details(report));
      return state;
    case 'save':
      return { ...state, said: await saveReport(report, `${title}, report`, tools) };
    case 'question': {
      const rows = await drawResult(state, tools, '');
      const question = await tools.ask.choose({
        message: 'Which question?',
        choices: offered.inquiries.map((one) => ({
          name: QUESTION_WORDS[one.question].ask,
          value: one.question,
        })),
        rows,
      });
      const chosen = offered.inquiries.find((one) => one.question === question);
      return chosen === undefined ? state : askAndGoOn(chosen, state, tools);
    }
    case 'extra':
      return offered.extra === null ? state : extraTest(offered.extra, state, tools);
    case 'again':
      return compareAgain(state, tools);
    case 'watch':
      return keepWatching(state, tools);
    case 'explain':
      await explain(state, tools);
      return state;
    case 'other':
      return other(state, tools);
    default:
      return next satisfies never;
  }
}

async function other(state: State, tools: WizardTools): Promise<State> {
  const { host } = state.request.target;
  const rows = await tools.screen.draw(`step ${STEPS.target}`, WHAT);
  const target = await askTarget(tools.settings, tools.ask, { message: 'Target:', suggested: host, rows });
  // What was seen and what worked was said about the other one; a VPN stays a VPN.
  const vpn = state.request.answers['vpn-or-proxy'];
  const answers: Answers = vpn === undefined ? {} : { 'vpn-or-proxy': vpn };
  return begin(target, answers, tools);
}
