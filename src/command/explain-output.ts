import { readStart } from '../doors/read-text.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Report } from '../model/report.ts';
import type { Target } from '../model/request.ts';
import { safe } from '../report/sanitize.ts';
import type { Parts } from './engine.ts';
import { readStream, whyNot } from './files.ts';
import type { Io, Ready } from './main.ts';
import type { Settings } from './settings.ts';
import { hostPort, parseTarget } from './target.ts';
import { isUsageError, shown, type UsageError, usageError as usage } from './usage-error.ts';

/** More than anybody pastes; of what is larger the beginning is read. */
const MAX_INPUT = 4 * 1024 * 1024;

interface Explained {
  report: Report;
  evidence: Evidence;
  /** Whose words these are; stands before the report. */
  preface: string;
  /** What to run next, there; ready to print after the report. */
  next: string;
}

/**
 * Reads what other programs said, judges it by the same rules as a run, and says what to run next. Nothing is run, nothing
 * is looked up, and no packet is sent.
 */
export async function explainOutput(
  asked: { file: string; target: Target | null; settings: Settings },
  ready: Ready,
  io: Io,
  parts: Parts,
): Promise<Explained | UsageError> {
  const bytes = asked.file === '-' ? await readStream(io.stdin, MAX_INPUT) : await readFile(asked.file);
  if (isUsageError(bytes)) return bytes;
  const { consoleText } = await import('../parsers/console-text.ts');
  return explainPasted(consoleText(bytes, null), asked, ready, io.platform, parts);
}

/**
 * The same from text that is at hand: what was pasted into the wizard. `target` null = whatever the text is about. A usage
 * error says in one sentence what is missing: nothing known in it, no place, nothing about the target.
 */
export async function explainPasted(
  text: string,
  asked: { target: Target | null; settings: Settings },
  ready: Ready,
  platform: NodeJS.Platform,
  parts: Pick<Parts, 'replay'>,
): Promise<Explained | UsageError> {
  const { readTranscripts } = await import('../parsers/transcripts/read.ts');
  const { told, truncated } = readTranscripts(text);
  if (told.length === 0) {
    return usage(
      'Nothing in it is known: paste what a program printed, with the command above it, as in "$ telnet db.example.com 5432".',
    );
  }
  const [{ evidenceOf }, { placeOf, systemOf }, { nextCommand }] = await Promise.all([
    import('../gather/told/evidence.ts'),
    import('../gather/told/place.ts'),
    import('../report/next-command.ts'),
  ]);
  const target = asked.target ?? targetOf(placeOf(told), asked.settings);
  if (target === null) {
    return usage(
      'It does not say which host and port this is about: add it, as in --explain-output pasted.txt --diagnose db.example.com:5432.',
    );
  }
  if (isUsageError(target)) return target;
  const request = { ...asked.settings.wish, target, caPem: ready.caPem };
  const { evidence, about } = evidenceOf(told, request, new Date().toISOString());
  if (about.length === 0) {
    return usage(
      `Nothing in it is about ${hostPort(target)}: leave --diagnose out, or name the place that it is about.`,
    );
  }
  const report = await parts.replay(evidence, ready.rules);
  const programs = [...new Set(about.map(({ program }) => program))].join(', ');
  const part = truncated ? 'It is longer than anybody reads: its end was left out.\n' : '';
  const preface = `Read from what ${safe(programs)} printed; nothing was run, and nothing was measured here.\n${part}\n`;
  const here = platform === 'win32' || platform === 'darwin' || platform === 'linux' ? platform : 'linux';
  return { report, evidence, preface, next: nextCommand(report, about, systemOf(told) ?? here) };
}

function targetOf(
  place: { host: string; port: number } | null,
  settings: Settings,
): Target | UsageError | null {
  if (place === null) return null;
  return parseTarget(hostPort(place), { service: settings.service ?? undefined });
}

async function readFile(file: string): Promise<Uint8Array | UsageError> {
  const read = await readStart(file, MAX_INPUT);
  if (read instanceof Uint8Array) return read;
  return usage(`--explain-output ${shown(file)} ${whyNot(read, 4, ', or - for standard input')}`);
}
