import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { messageErrors, type NewMessage } from '@coucou/domain/messages/message';
import { Links } from '@coucou/domain/moderation/links';
import { ModerationRule } from '@coucou/domain/moderation/moderation-rule';
import { muteErrors } from '@coucou/domain/moderation/mute';
import { WordList } from '@coucou/domain/moderation/word-list';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts } from '../audit/record-audit.ts';
import { hook } from '../kernel/hook.ts';
import type { Ports } from '../kernel/token.ts';
import { messageStored } from '../messages/message-hooks.ts';
import { Notifications } from '../notifications/repositories.ts';
import { RateLimiter } from '../ports/rate-limiter.ts';
import { RequestDigests } from '../ports/request-digests.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { messageFlagged } from './moderation-events.ts';
import { muteByRule } from './mute-person.ts';
import { Suspensions } from './repositories.ts';
import { Screenings } from './screening.ts';

const deps = {
  screenings: Screenings,
  limiter: RateLimiter,
  digests: RequestDigests,
  uow: unitOfWork({ suspensions: Suspensions, notifications: Notifications, auditLog: AuditLog }),
  ...auditPorts,
};
type Given = Ports<typeof deps>;

/**
 * Applies the account's rules and its word list: masks, refuses, mutes, or has the message reported. A refusal names neither the word nor
 * the rule. An account without either waits for nothing here.
 */
export const screenContent = hook({
  name: 'moderation.content',
  at: messageStored,
  deps,
  async run(ports, message) {
    if (message.content === undefined) return message;
    const { words, rules } = await ports.screenings.of(message.accountId);
    const { action, content } = WordList.judge(words, message.content);
    if (action === 'reject') throw messageErrors.POSTING_NOT_ALLOWED({ reason: 'content' });
    if (rules.length > 0) await applyRules(ports, message, message.content, rules);
    return action === 'accept' ? message : { ...message, content };
  },
});

/** The strongest rule decides: one that mutes, then one that refuses. */
async function applyRules(ports: Given, message: NewMessage, content: string, rules: readonly ModerationRule[]): Promise<void> {
  const hits: ModerationRule[] = [];
  for (const rule of rules) if (await isHit(ports, message, content, rule)) hits.push(rule);
  if (hits.length === 0) return;
  const { accountId: account, senderId, id: messageId } = message;
  const muting = hits.find(({ action }) => action === 'mute');
  if (muting !== undefined) {
    const until = await ports.uow.write(account, (tx) => muteByRule(ports, tx, account, senderId, muting));
    throw until === undefined ? messageErrors.POSTING_NOT_ALLOWED({ reason: 'content' }) : muteErrors.MUTED({ until: until.toISOString() });
  }
  if (hits.some(({ action }) => action === 'refuse')) throw messageErrors.POSTING_NOT_ALLOWED({ reason: 'content' });
  const at = ports.clock.now();
  const flags = hits.map((rule) => messageFlagged({ messageId, ruleId: rule.id, reason: ModerationRule.reasonOf(rule), at }));
  await ports.uow.write(account, async (tx) => tx.emit(...flags));
}

async function isHit(ports: Given, message: NewMessage, content: string, rule: ModerationRule): Promise<boolean> {
  switch (rule.kind) {
    case 'links':
      return Links.count(content, rule.allowedHosts) >= rule.threshold;
    case 'repeatedText':
      return isRepeated(ports, message, content, rule);
    case 'reports':
      return false;
  }
}

/**
 * Counted on all nodes together. A message that is sent again under its key is one message: it is counted where it takes the only place
 * of its key. What is compared and counted is a digest: no text leaves the database.
 */
async function isRepeated(
  { limiter, digests }: Given,
  { accountId, senderId, clientMessageId }: NewMessage,
  content: string,
  { id, threshold, windowSeconds = 1 }: ModerationRule,
): Promise<boolean> {
  const text = digests.fingerprint(['moderation.repeated', accountId, id, senderId, WordList.normalize(content) || content]);
  const isNew = await takes(limiter, { name: 'moderation.sent', limit: 1, windowSeconds }, `${text}:${clientMessageId}`);
  return isNew && !(await takes(limiter, { name: 'moderation.repeated', limit: threshold - 1, windowSeconds }, text));
}

async function takes(limiter: RateLimiter, ...[rule, key]: Parameters<RateLimiter['take']>): Promise<boolean> {
  try {
    await limiter.take(rule, key);
    return true;
  } catch (error) {
    if (error instanceof ChatError && error.code === errors.RATE_LIMITED.code) return false;
    throw error;
  }
}
