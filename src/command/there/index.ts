import { randomBytes } from 'node:crypto';
import { runScript } from '../../doors/carriers/run-script.ts';
import type { Doors } from '../../doors/types.ts';
import type { Case } from '../../model/case.ts';
import type { Evidence } from '../../model/evidence.ts';
import { readInput } from '../files.ts';
import { isUsageError, shown, type UsageError } from '../usage-error.ts';
import { type UserId, writeText } from '../write-file.ts';
import { readCase } from './case-file.ts';
import type { ThereJob } from './flags.ts';
import { kitFor } from './kit.ts';
import { BURST_MS, beacon, knock } from './knock.ts';
import { listen } from './listen.ts';
import { withAnswer } from './merge.ts';

const MAX_ANSWER_MIB = 1;

export interface ThereIo {
  tell(text: string): void;
  show(text: string): void;
  signal: AbortSignal;
  userId: UserId;
  doors(): Promise<Doors>;
}

/** Sends marked SYNs and adds them to the case. */
async function knockFor(job: Extract<ThereJob, { kind: 'knock' }>, io: ThereIo): Promise<UsageError | null> {
  const read = await readCase(job.file, '--knock');
  if (isUsageError(read)) return read;
  const { evidence, case: of } = read;
  io.tell(
    `Knocking at TCP ${of.target.port} of ${of.target.address} ${job.forMs > BURST_MS ? `every 5 s until ${clockTime(Date.now() + job.forMs)}` : `for ${job.forMs / 1000} s`}; the other end should be watching now.\n`,
  );
  const isBeacon = job.forMs > BURST_MS;
  const attempts = await (isBeacon ? beacon : knock)(of, job.forMs, await io.doors(), io.signal);
  const text = `${JSON.stringify(withAttempts(evidence, of, attempts), null, 2)}\n`;
  const problem = await writeText(job.file, text, io.userId);
  if (problem !== null) return { error: problem };
  const open = attempts.filter(({ to, result }) => to === 'target' && result === 'open').length;
  const targets = attempts.filter(({ to }) => to === 'target').length;
  const marks = attempts.some(({ tsval }) => tsval !== null)
    ? 'marked'
    : 'unmarked (recognised by their rhythm)';
  io.show(
    `${targets} SYNs to TCP ${of.target.port}, ${attempts.length - targets} to the reference port, ${marks}; ${open === 0 ? 'none was accepted' : isBeacon ? `open since ${clockTime(Date.parse(attempts.findLast(({ to, result }) => to === 'target' && result === 'open')?.sentAt ?? ''))}` : `${open} were accepted`}.\nThey are in ${job.file}. Next: reachdoctor --merge ${job.file} answer.txt\n`,
  );
  return null;
}

/** `14:03:10 UTC`. */
const clockTime = (ms: number): string => `${new Date(ms).toISOString().slice(11, 19)} UTC`;

const withAttempts = (evidence: Evidence, of: Case, attempts: Case['attempts']): Evidence => ({
  ...evidence,
  case: {
    ...of,
    window: { ...of.window, to: attempts.at(-1)?.sentAt ?? of.window.to },
    attempts: [...of.attempts, ...attempts],
  },
});

/** The evidence of a case with every answer in it. */
export async function mergeAll(
  job: Extract<ThereJob, { kind: 'merge' }>,
): Promise<{ evidence: Evidence } | UsageError> {
  const read = await readCase(job.file, '--merge');
  if (isUsageError(read)) return read;
  let { evidence } = read;
  for (const file of job.answers) {
    const answer = await readInput(file, MAX_ANSWER_MIB, '--merge');
    if (isUsageError(answer)) return answer;
    const merged = await withAnswer(evidence, evidence.case ?? read.case, answer.text, file);
    if ('refused' in merged) return { error: `${shown(file)} ${merged.refused}` };
    evidence = merged.evidence;
  }
  return { evidence };
}

/** The other end's half on this machine: the same script that others get, so that there is one to trust. */
async function hereFor(job: Extract<ThereJob, { kind: 'here' }>, io: ThereIo): Promise<UsageError | null> {
  const of = job.file === null ? caseOfPort(job.port ?? 0) : await readCase(job.file, '--here');
  if (isUsageError(of)) return of;
  const seconds = Math.max(2, Math.round(job.forMs / 1000));
  const { text } = await kitFor('case' in of ? of.case : of, 'sh', { seconds, traceRules: job.traceRules });
  let told = 0;
  const result = await runScript({ name: 'here', file: 'sh', args: ['-s'] }, text, {
    deadlineMs: seconds * 1000 + 30_000,
    signal: io.signal,
    onMessage: (message) => {
      if (message.length > told) io.tell(message.slice(told));
      told = message.length;
    },
  });
  io.show(result.stdout);
  return result.status === 'done'
    ? null
    : { error: `this machine could not be looked at (${result.status}).` };
}

function caseOfPort(port: number): Case {
  const now = new Date().toISOString();
  return {
    id: randomBytes(16).toString('hex'),
    target: { address: '0.0.0.0', port },
    reference: null,
    client: { address: null, translated: 'unknown', seenAs: null },
    window: { from: now, to: now, timeZone: 'UTC' },
    attempts: [],
  };
}

async function listenFor(
  job: Extract<ThereJob, { kind: 'listen' }>,
  io: ThereIo,
): Promise<UsageError | null> {
  const caseId = randomBytes(16).toString('hex');
  const problem = await listen({ ...job, caseId, signal: io.signal }, await io.doors(), io.tell);
  return problem === null ? null : { error: problem };
}

/** Null when it is done, otherwise the sentence that says why not. */
export function doJob(job: Exclude<ThereJob, { kind: 'merge' }>, io: ThereIo): Promise<UsageError | null> {
  switch (job.kind) {
    case 'knock':
      return knockFor(job, io);
    case 'here':
      return hereFor(job, io);
    case 'listen':
      return listenFor(job, io);
    default:
      return job satisfies never;
  }
}
