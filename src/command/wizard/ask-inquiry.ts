import { ANSWERS } from '../../model/inquiry.ts';
import type { Answers } from '../../model/request.ts';
import { answerWords, QUESTION_WORDS } from '../../report/inquiry-words.ts';
import type { Ask } from '../ask.ts';
import { DEFAULT_MAX_TIME_S } from '../settings.ts';
import type { Wish, WizardTools } from './tools.ts';

/** The value that was chosen; `unknown` where the user does not know. */
export const askInquiry = (question: keyof Answers, ask: Ask, rows: number): Promise<string> =>
  ask.choose<string>({
    message: QUESTION_WORDS[question].ask,
    choices: [...ANSWERS[question], 'unknown'].map((value) => ({
      name: answerWords(question, value),
      value,
    })),
    default: 'unknown',
    rows,
  });

/** The request with the answer; how long it may be sampled is the user's to say. */
export async function answerFor(
  request: Wish,
  question: keyof Answers,
  value: string,
  { ask, screen }: WizardTools,
): Promise<Wish> {
  const answers = { ...request.answers, [question]: value } as Answers;
  if (value !== 'intermittent') return { ...request, answers };
  const rows = await screen.draw(
    'how long',
    '\nOne connection after the other is made and closed at once, to see when it fails.\n',
  );
  const seconds = await ask.choose({
    message: 'For how long?',
    choices: [
      { name: 'A quarter of a minute', value: String(DEFAULT_MAX_TIME_S) },
      { name: 'A minute', value: '65' },
      { name: 'Five minutes', value: '305' },
    ],
    rows,
  });
  return { ...request, answers, maxTimeMs: Number(seconds) * 1000 };
}
