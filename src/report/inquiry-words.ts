import type { Effect, Inquiry, Moved } from '../model/inquiry.ts';
import type { Report } from '../model/report.ts';
import type { Answers } from '../model/request.ts';
import { dropEnd, percent } from './units.ts';

/** The questions, and what they can be answered with, as a person reads them. */
export const QUESTION_WORDS: {
  [Q in keyof Answers]-?: { ask: string; answers: Record<NonNullable<Answers[Q]>, string> };
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

export const answerWords = (question: keyof Answers, value: string): string =>
  (QUESTION_WORDS[question].answers as Record<string, string>)[value] ?? value;

const share = (confidence: number): string => (confidence === 0 ? '0 %' : percent(confidence));
const shares = ({ before, after }: Moved): string => `${share(before)} -> ${share(after)}`;

/** Why the question is asked: what the answer that changes most would do. */
export function whyAsked({ question, effects }: Inquiry): string {
  const most = effects.reduce((a, b) => (b.change > a.change ? b : a));
  if (most.change < LEAST_TOLD) return 'It decides what is worth measuring next.';
  const told = effectWords(most);
  return `"${answerWords(question, most.value)}" would ${told}.`;
}
const LEAST_TOLD = 0.02;

function effectWords({ lead, leadIsNew }: Effect): string {
  if (lead === null) return 'leave no cause';
  const title = `"${dropEnd(lead.title)}"`;
  if (leadIsNew) return `make ${title} the likeliest (${shares(lead)})`;
  return `${lead.after >= lead.before ? 'strengthen' : 'weaken'} ${title} (${shares(lead)})`;
}

/** What an answer, or another look, has changed; the second line of the screen. */
export function whatChanged(before: Report, after: Report): string {
  const [was] = before.causes;
  const [is] = after.causes;
  if (is === undefined)
    return was === undefined
      ? 'Nothing is found to be wrong, as before.'
      : `"${dropEnd(was.title)}" is no longer found.`;
  const title = `"${dropEnd(is.title)}"`;
  const old = before.causes.find(({ id }) => id === is.id)?.confidence ?? 0;
  const moved = shares({ id: is.id, title: is.title, before: old, after: is.confidence });
  if (was?.id !== is.id) return `${title} now leads, ${moved}.`;
  if (share(old) !== share(is.confidence)) return `${title} still leads, ${moved}.`;
  const other = biggestMove(before, after);
  return other === null
    ? `It changes nothing: ${title} stays at ${share(is.confidence)}.`
    : `${title} still leads; "${dropEnd(other.title)}" ${shares(other)}.`;
}

function biggestMove(before: Report, after: Report): Moved | null {
  const moves = after.causes.slice(1).map(({ id, title, confidence }): Moved => {
    const old = before.causes.find((cause) => cause.id === id)?.confidence ?? 0;
    return { id, title, before: old, after: confidence };
  });
  const told = moves.filter((one) => share(one.before) !== share(one.after));
  return told.reduce<Moved | null>(
    (most, one) =>
      most === null || Math.abs(one.after - one.before) > Math.abs(most.after - most.before) ? one : most,
    null,
  );
}
