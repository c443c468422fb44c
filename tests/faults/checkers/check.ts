import { misdelivered, undelivered } from './delivered.ts';
import type { Checker, Finding, History } from './history.ts';
import { abortedRead, oneValue, sendOrder, skip, stepBack, uncommittedRead } from './read.ts';
import { duplicate, gap, lost, phantom } from './stored.ts';

export const checkers = {
  lost,
  duplicate,
  gap,
  phantom,
  undelivered,
  misdelivered,
  abortedRead,
  uncommittedRead,
  oneValue,
  skip,
  stepBack,
  sendOrder,
} satisfies Record<string, Checker>;

export type CheckerName = keyof typeof checkers;

/** Everything that is wrong with a history, by all checkers. */
export const check = (history: History): Finding[] =>
  Object.entries(checkers).flatMap(([checker, judge]) => judge(history).map((what) => ({ checker, what })));
