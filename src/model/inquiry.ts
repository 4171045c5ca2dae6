import type { Answers } from './request.ts';

/** What each question can be answered with, "I don't know" left out: from that nothing follows. */
export const ANSWERS = {
  'others-can-reach': ['yes', 'no'],
  'worked-before': ['yes', 'no'],
  symptom: ['refused', 'hangs', 'certificate-error', 'intermittent', 'slow'],
  'vpn-or-proxy': ['yes', 'no'],
} as const satisfies { [Q in keyof Answers]-?: readonly NonNullable<Answers[Q]>[] };

/** A cause with its share, before and after. */
export interface Moved {
  id: string;
  title: string;
  before: number;
  after: number;
}

/** What one answer would do. */
export interface Effect {
  value: string;
  /** How much of the whole moves from some causes to others, 0 to 1. */
  change: number;
  /** The cause that would lead; null where none would. */
  lead: Moved | null;
  leadIsNew: boolean;
  /** Ids of the steps that would be made and are not made without it. */
  measures: string[];
  /** What they may move: the part that no cause explains yet, times the part of the rules that wait for their facts. */
  promise: number;
}

/** A question that only the user can answer, and what it is worth. */
export interface Inquiry {
  question: keyof Answers;
  /** The change to be expected over all answers, each as likely as the others; what would be measured counts by its promise. */
  worth: number;
  effects: Effect[];
}
