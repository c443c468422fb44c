import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { JUDGED, type StrengthAnswer, type StrengthQuestion } from './strength-question.ts';

/**
 * A thread of its own: reading the lists of words takes some hundred milliseconds, and judging a password some. Signs that stand for letters
 * are tried in few combinations, since their number is what makes an unlucky password expensive.
 */
const zxcvbn = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: JUDGED * 2, l33tMaxSubstitutions: 4 });

const answerTo = ({ password, words }: StrengthQuestion): StrengthAnswer => {
  const { score, feedback } = zxcvbn.check(password, [...words]);
  return { score, warning: feedback.warning ?? undefined, suggestions: feedback.suggestions };
};

// Behind the thread that answers people. On Linux that is the priority of this thread, elsewhere of the process.
if (process.platform === 'linux') setPriority(10);

parentPort?.on('message', (question: StrengthQuestion) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a browser window's, this is a thread
  parentPort?.postMessage(answerTo(question));
});
