import type { z } from 'zod';
import type { IssuedHook, ShownHook } from './application/administer-hook.ts';
import type { TestedHook } from './application/test-hook.ts';
import type {
  BeforeSendHook as WireHook,
  IssuedBeforeSendHook as WireIssued,
  TestedBeforeSendHook as WireTested,
} from './contracts/before-send-hook.ts';
import { Verdict as WireVerdict } from './contracts/verdict.ts';
import { beforeSendLimits } from './domain/limits.ts';
import type { Verdict } from './domain/verdict.ts';

export const presentHook = ({ hook, health }: ShownHook): z.infer<typeof WireHook> => ({
  url: hook.url,
  timeoutMs: hook.timeoutMs,
  onFailure: hook.onFailure,
  conversationTypes: [...hook.conversationTypes],
  enabled: hook.enabled,
  health: {
    state: health.state,
    failures: health.failures,
    retryAt: health.retryAt?.toISOString(),
    lastAnswerAt: health.lastAnswerAt?.toISOString(),
    lastFailure: health.lastFailure && {
      at: health.lastFailure.at.toISOString(),
      failure: health.lastFailure.failure,
      status: health.lastFailure.status,
    },
  },
  previousSecretUntil: hook.previous?.until.toISOString(),
  createdBy: hook.createdBy,
  createdAt: hook.createdAt.toISOString(),
  changedAt: hook.changedAt.toISOString(),
});

export const presentOwn = (shown: ShownHook | undefined) => ({ hook: shown && presentHook(shown) });

export const presentIssued = ({ secret, ...shown }: IssuedHook): z.infer<typeof WireIssued> => ({ hook: presentHook(shown), secret });

export function presentTested({ answer, durationMs }: TestedHook): z.infer<typeof WireTested> {
  if ('failure' in answer) return { outcome: 'failure', failure: answer.failure, status: answer.status, durationMs };
  switch (answer.action) {
    case 'accept':
      return { outcome: 'accept', durationMs };
    case 'change':
      return { outcome: 'change', content: answer.content, data: answer.data, durationMs };
    case 'refuse':
      return { outcome: 'refuse', reason: answer.reason, durationMs };
  }
}

/** An answer of the service; undefined for what is none. */
export function readVerdict(text: string): Verdict | undefined {
  const { data: verdict } = WireVerdict.safeParse(parsed(text));
  switch (verdict?.action) {
    case undefined:
    case 'accept':
      return verdict;
    case 'change':
      return { action: 'change', content: verdict.content, data: verdict.data };
    case 'refuse':
      return { action: 'refuse', reason: lineOf(verdict.reason) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A line that can be shown to the sender; undefined for nothing. */
function lineOf(reason = ''): string | undefined {
  const line = reason
    .toWellFormed()
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return [...line].slice(0, beforeSendLimits.reason).join('') || undefined;
}
