import type { ConversationType } from '@coucou/domain/conversations/permissions';
import { defineErrors } from '@coucou/domain/kernel/errors';
import type { AccountId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { SealedSecrets } from '@coucou/domain/kernel/sealed-secrets';

export const beforeSendErrors = defineErrors('BEFORE_SEND_HOOK', {
  NOT_FOUND: ['not_found', 'This account has no before-send hook.'],
  EXISTS: ['conflict', 'This account has a before-send hook already: change it, or delete it first.'],
  URL_REFUSED: ['invalid', 'This server calls no such address: it takes https addresses of the public internet.'],
});

/** What becomes of a message when the hook gives no usable answer. */
export type OnFailure = 'accept' | 'refuse';

/** A service of the account that is asked about each message before it is stored. */
export type BeforeSendHook = SealedSecrets &
  Readonly<{
    accountId: AccountId;
    url: string;
    timeoutMs: number;
    onFailure: OnFailure;
    /** Messages of other conversations are not asked about. */
    conversationTypes: readonly ConversationType[];
    enabled: boolean;
    createdBy: UserId | undefined;
    createdAt: Instant;
    changedAt: Instant;
  }>;

/** What is absent stays as it is. */
export type HookChange = Readonly<{
  [Name in 'url' | 'timeoutMs' | 'onFailure' | 'conversationTypes' | 'enabled']?: BeforeSendHook[Name] | undefined;
}>;

const isSame = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((each) => b.includes(each)) : a === b;

/** What a hook becomes, with the names of what differs; undefined when nothing does. */
function update(
  current: BeforeSendHook,
  change: HookChange,
  now: Instant,
): Readonly<{ hook: BeforeSendHook; changed: readonly string[] }> | undefined {
  const given = Object.entries(change).filter(([name, value]) => value !== undefined && !isSame(value, current[name as keyof HookChange]));
  if (given.length === 0) return undefined;
  return { hook: { ...current, ...Object.fromEntries(given), changedAt: now }, changed: given.map(([name]) => name) };
}

const originOf = ({ url }: Pick<BeforeSendHook, 'url'>): string => new URL(url).origin;

export const BeforeSendHook = { update, originOf };
