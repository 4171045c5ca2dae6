import type { Report } from '../../model/report.ts';
import type { Answers, Request, Target } from '../../model/request.ts';
import type { Rule } from '../../model/rule.ts';
import type { Ask } from '../ask.ts';
import { explainCause } from '../explain.ts';
import { whyNotWritable, writeText } from '../files.ts';
import { clashWithTarget } from '../flags.ts';
import { parseHost } from '../host-name.ts';
import { parsePort } from '../port.ts';
import { commandLine, repeatArguments } from '../repeat-command.ts';
import { parseReportFile, QUESTIONS, type ReportFormat, type Settings } from '../settings.ts';
import { hostPort, parseTarget } from '../target.ts';
import { isUsageError, shown } from '../usage-error.ts';

type Wish = Omit<Request, 'caPem'>;

export interface WizardTools {
  ask: Ask;
  /** To the person, beside the results. */
  tell(text: string): Promise<void>;
  /** Results. */
  show(text: string): Promise<void>;
  /** One diagnosis, printed. */
  run(request: Wish): Promise<{ report: Report; exitCode: number }>;
  /** A signal has ended the run. */
  stopped(): boolean;
  document(format: ReportFormat, report: Report): Promise<string>;
  rules: Rule[];
  platform: NodeJS.Platform;
  columns: number;
}

/** Asks for what the flags leave open, diagnoses, and offers what comes next. Returns the exit code of the last diagnosis. */
export async function wizard(settings: Settings, tools: WizardTools): Promise<number> {
  const target = await askTarget(settings, tools.ask);
  let request: Wish = {
    ...settings.wish,
    target,
    answers: await askAnswers(settings.wish.answers, tools.ask),
  };
  let done = await tools.run(request);
  try {
    while (!tools.stopped()) {
      const next = await tools.ask.choose({
        message: 'What next?',
        choices: menuOf(done.report),
        default: 'save',
      });
      if (next === 'quit') break;
      if (next === 'save') await saveReport(done.report, tools);
      if (next === 'explain') await explain(done.report, tools);
      if (next === 'other') request = await otherTarget(request, settings, tools.ask);
      if (next === 'again' || next === 'other') done = await tools.run(request);
    }
  } finally {
    await tools.tell(
      `\nThe same again, without questions:\n  ${commandLine(repeatArguments(request, settings), tools.platform)}\n`,
    );
  }
  return done.exitCode;
}

// ---------------------------------------------------------------- what to diagnose

async function askTarget(settings: Settings, ask: Ask): Promise<Target> {
  const { port, service } = settings;
  const options = { port: port ?? undefined, service: service ?? undefined };
  const portKnown = port !== null || service !== null;
  const typed = await ask.text({
    message: 'What can you not reach? (host name, address, host:port or URL)',
    check: (text) => {
      const target = parseTarget(text, options);
      if (!isUsageError(target)) return clashWithTarget(target, settings.wish)?.error ?? null;
      if (portKnown) return target.error;
      const host = parseHost(text);
      if (isUsageError(host)) return text.trim() === '' || /[:/@\s,]/.test(text) ? target.error : host.error;
      const whole = parseTarget(hostPort({ host, port: 443 }));
      return isUsageError(whole) ? whole.error : (clashWithTarget(whole, settings.wish)?.error ?? null);
    },
  });
  const target = parseTarget(typed, options);
  if (!isUsageError(target)) return target;
  const chosen = await ask.text({
    message: 'Which port or service? (as in 443, ssh or postgresql)',
    check: (text) => {
      const parsed = parsePort(text, 'The port');
      return isUsageError(parsed) ? parsed.error : null;
    },
  });
  const whole = parseTarget(typed, { port: chosen });
  if (isUsageError(whole)) throw new Error(`both parts were right, and the whole is not: ${whole.error}`);
  return whole;
}

const WORDING: {
  [Q in keyof typeof QUESTIONS]: { ask: string; answers: Record<(typeof QUESTIONS)[Q][number], string> };
} = {
  symptom: {
    ask: 'What do you see?',
    answers: {
      refused: 'It says "connection refused"',
      hangs: 'It hangs, then times out',
      'certificate-error': 'It says something about a certificate',
      intermittent: 'It works at times',
      slow: 'It works and is slow',
      unknown: "I don't know",
    },
  },
  'worked-before': {
    ask: 'Did it ever work from here?',
    answers: { yes: 'Yes', no: 'No', unknown: "I don't know" },
  },
  'others-can-reach': {
    ask: 'Can others reach it, from somewhere else?',
    answers: { yes: 'Yes', no: 'No', unknown: "I don't know" },
  },
  'vpn-or-proxy': {
    ask: 'Is a VPN or a proxy in use here?',
    answers: { yes: 'Yes', no: 'No', unknown: "I don't know" },
  },
};

async function askAnswers(given: Answers, ask: Ask): Promise<Answers> {
  const answers: Record<string, string> = { ...given };
  for (const question of Object.keys(QUESTIONS) as (keyof Answers)[]) {
    if (given[question] !== undefined) continue;
    const words: Record<string, string> = WORDING[question].answers;
    const answer = await ask.choose({
      message: WORDING[question].ask,
      choices: QUESTIONS[question].map((value) => ({ name: words[value] ?? value, value })),
      default: 'unknown',
    });
    // "I don't know" is not something to reason from: it is left out, as if it had not been asked.
    if (answer !== 'unknown') answers[question] = answer;
  }
  return answers as Answers;
}

// ---------------------------------------------------------------- what comes next

type Next = 'save' | 'again' | 'other' | 'explain' | 'quit';

function menuOf(report: Report): { name: string; value: Next }[] {
  return [
    { name: 'Save a report', value: 'save' },
    { name: 'Test again', value: 'again' },
    { name: 'Test another port or host', value: 'other' },
    { name: report.causes.length === 0 ? 'Explain a cause' : 'Explain a cause in depth', value: 'explain' },
    { name: 'Quit', value: 'quit' },
  ];
}

const FORMATS = { md: 'markdown', html: 'html', txt: 'text', json: 'json' } as const satisfies Record<
  string,
  ReportFormat
>;

async function saveReport(report: Report, { ask, tell, show, document }: WizardTools): Promise<void> {
  const ending = await ask.choose<keyof typeof FORMATS>({
    message: 'Which format?',
    choices: [
      { name: 'Markdown, for tickets and chats', value: 'md' },
      { name: 'HTML, one file to look at or print', value: 'html' },
      { name: 'Text, for mail', value: 'txt' },
      { name: 'JSON, for programs', value: 'json' },
    ],
    default: 'md',
  });
  const format = FORMATS[ending];
  const host = report.target.host.replace(/[^a-z0-9.-]+/gi, '-').slice(0, 80);
  const file = await ask.text({
    message: 'Where to?',
    default: `reachdoctor-${host}-${report.target.port}.${ending}`,
    check: async (text) => {
      const parsed = parseReportFile(text);
      if (isUsageError(parsed)) return parsed.error;
      if (parsed.format !== format)
        return `The ending of ${shown(text)} says another format: write it with .${ending}.`;
      return (await whyNotWritable(text))?.error ?? null;
    },
  });
  const text = await document(format, report);
  const problem = await writeText(file, text);
  if (problem === null) return tell(`Written: ${shown(file, 4096).slice(1, -1)}\n`);
  await tell(`${problem} It is printed instead.\n`);
  await show(`\n${text}`);
}

async function explain(report: Report, { ask, show, rules, columns }: WizardTools): Promise<void> {
  const seen = report.causes.map((cause) => ({ name: `${cause.title} (${cause.id})`, value: cause.id }));
  const known = new Set(seen.map((one) => one.value));
  const others = rules
    .filter((rule) => !known.has(rule.id))
    .map((rule) => ({ name: rule.id, value: rule.id }));
  const ids = new Set(rules.map((rule) => rule.id));
  const choices = [...seen.filter((one) => ids.has(one.value)), ...others];
  if (choices.length === 0) return show('No rules are loaded, so there is nothing to explain.\n');
  const id = await ask.choose({ message: 'Which one?', choices });
  const text = explainCause(id, rules, columns);
  await show(isUsageError(text) ? `${text.error}\n` : `\n${text}\n`);
}

async function otherTarget(request: Wish, settings: Settings, ask: Ask): Promise<Wish> {
  const read = (text: string) => {
    const onlyPort = /^\d+$/.test(text.trim()) || text.trim() === '';
    return onlyPort ? parseTarget(request.target.host, { port: text.trim() }) : parseTarget(text);
  };
  const typed = await ask.text({
    message: `Which port of ${request.target.host}, or which other host:port?`,
    check: (text) => {
      const target = read(text);
      return isUsageError(target) ? target.error : (clashWithTarget(target, settings.wish)?.error ?? null);
    },
  });
  const target = read(typed);
  if (isUsageError(target)) throw new Error(`a checked target is not right: ${target.error}`);
  // What was seen and what worked was said about the other port; a VPN stays a VPN.
  const vpn = request.answers['vpn-or-proxy'];
  return { ...request, target, answers: vpn === undefined ? {} : { 'vpn-or-proxy': vpn } };
}
