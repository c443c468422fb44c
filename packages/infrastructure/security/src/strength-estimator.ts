import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createFairQueue } from '@coucou/application/kernel/fair-queue';
import { networkOf } from '@coucou/application/kernel/network-of';
import type { StrengthEstimator } from '@coucou/application/ports/strength-estimator';
import {
  type PasswordStrength,
  strengthSuggestions,
  type StrengthSuggestion,
  type StrengthWarning,
  strengthWarnings,
} from '@coucou/domain/auth/password-strength';
import { JUDGED, type StrengthAnswer, type StrengthQuestion } from './strength-question.ts';

/** Some milliseconds each. */
const MOST_WAITING = 100;
/** For how long the thread, with its lists of words, outlives the last question. */
const IDLE_MS = 60_000;

/** Judges passwords with zxcvbn in a thread that is started for the first one and ends when nobody asks any more. */
export function createStrengthEstimator({ idleMs = IDLE_MS }: Readonly<{ idleMs?: number }> = {}): StrengthEstimator {
  const queue = createFairQueue({ concurrency: 1, mostWaiting: MOST_WAITING });
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;

  function start(): Worker {
    const started = new Worker(new URL('./strength-worker.ts', import.meta.url));
    // Nobody's exit waits for it.
    started.unref();
    // Whoever asked is told by `once`; whoever asks next gets another.
    started.on('error', () => forget(started));
    return started;
  }

  function forget(ended: Worker | undefined): void {
    if (worker === ended) worker = undefined;
  }

  async function end(): Promise<void> {
    const ended = worker;
    forget(ended);
    await ended?.terminate();
  }

  async function ask(question: StrengthQuestion): Promise<StrengthAnswer> {
    clearTimeout(idle);
    worker ??= start();
    const answered = once(worker, 'message');
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a browser window's, this is a thread
    worker.postMessage(question);
    try {
      const [answer] = (await answered) as [StrengthAnswer];
      return answer;
    } finally {
      idle = setTimeout(() => void end(), idleMs).unref();
    }
  }

  return {
    async estimate(password, words, from) {
      const judged = [...password.normalize('NFKC')].slice(0, JUDGED).join('');
      return strengthOf(await queue.run(networkOf(from), () => ask({ password: judged, words })));
    },
  };
}

/** The names that clients know. */
export const codeOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const isWarning = (code: string): code is StrengthWarning => code in strengthWarnings;
const isSuggestion = (code: string): code is StrengthSuggestion => code in strengthSuggestions;

function strengthOf({ score, warning, suggestions }: StrengthAnswer): PasswordStrength {
  const code = codeOf(warning ?? '');
  return { score, warning: isWarning(code) ? code : undefined, suggestions: suggestions.map(codeOf).filter(isSuggestion) };
}
