import { defineErrors, errors } from '../kernel/errors.ts';
import type { AccountId, Instant, ModerationRuleId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { Links } from './links.ts';

export const ruleErrors = defineErrors('MODERATION_RULE', {
  NOT_FOUND: ['not_found', 'There is no such rule.'],
  LIMIT_REACHED: ['conflict', 'This account has its maximum number of rules; delete one first.'],
});

export const wordErrors = defineErrors('LISTED_WORD', {
  NOT_FOUND: ['not_found', 'This word is not listed.'],
  LIMIT_REACHED: ['conflict', 'This account has its maximum number of listed words; remove one first.'],
});

/** `reports`: how many people report a person or a message. `links`: addresses in a message. `repeatedText`: the same text from one person. */
export const ruleKinds = ['reports', 'links', 'repeatedText'] as const;
export type RuleKind = (typeof ruleKinds)[number];

/** `report`: into the queue of the moderators. `refuse`: the message is not stored. `mute`: neither, and the person is muted. */
export const ruleActions = ['report', 'refuse', 'mute'] as const;
export type RuleAction = (typeof ruleActions)[number];

/** What an administrator says of a rule. */
export type RuleTerms = Readonly<{
  kind: RuleKind;
  /** Reporters, links, or messages of the same text, from which on the rule acts. */
  threshold: number;
  /** Of reports and repeated texts: what happened within so many seconds counts. */
  windowSeconds?: number | undefined;
  /** Of reports: those about one person, or about one message. */
  about?: 'person' | 'message' | undefined;
  /** Of links: those that do not count. */
  allowedHosts?: readonly string[] | undefined;
  action: RuleAction;
  /** Where the action is a mute. */
  muteSeconds?: number | undefined;
  enabled: boolean;
}>;

export type ModerationRule = RuleTerms &
  Readonly<{
    accountId: AccountId;
    id: ModerationRuleId;
    allowedHosts: readonly string[];
    createdAt: Instant;
    updatedAt: Instant;
  }>;

type Field = 'windowSeconds' | 'about' | 'allowedHosts' | 'muteSeconds';

/** The fields that a rule of this kind and action has; `allowedHosts` may be absent. */
const fieldsOf = ({ kind, action }: RuleTerms): readonly Field[] => [
  ...(kind === 'links' ? (['allowedHosts'] as const) : (['windowSeconds'] as const)),
  ...(kind === 'reports' ? (['about'] as const) : []),
  ...(action === 'mute' ? (['muteSeconds'] as const) : []),
];

const HOST = /^(?=.{1,253}$)[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+$/u;

/** Throws `VALIDATION_FAILED` with every field that does not fit. */
function requireTerms(terms: RuleTerms): void {
  const known = fieldsOf(terms);
  const faults: { path: (string | number)[]; rule: string; message: string }[] = [];
  const such = `rules of the kind ${terms.kind} with the action ${terms.action}`;
  for (const field of ['windowSeconds', 'about', 'allowedHosts', 'muteSeconds'] as const) {
    if (terms[field] === undefined) {
      if (known.includes(field) && field !== 'allowedHosts')
        faults.push({ path: [field], rule: 'required', message: `is required by ${such}` });
    } else if (!known.includes(field)) faults.push({ path: [field], rule: 'kind', message: `is nothing that ${such} have` });
  }
  if (terms.kind === 'reports' && terms.action === 'refuse')
    faults.push({ path: ['action'], rule: 'kind', message: 'a rule of reports refuses no message' });
  if (terms.kind === 'repeatedText' && terms.threshold < 2)
    faults.push({ path: ['threshold'], rule: 'minimum', message: 'a text is repeated from 2 on' });
  for (const [at, host] of (terms.allowedHosts ?? []).entries())
    if (!HOST.test(Links.hostKey(host)))
      faults.push({ path: ['allowedHosts', at], rule: 'host', message: 'must be a host as in example.com' });
  if (faults.length > 0) throw errors.VALIDATION_FAILED(faults);
}

type Place = Pick<ModerationRule, 'accountId' | 'id' | 'createdAt'>;

/** The rule that these terms make. */
function of(place: Place, terms: RuleTerms, now: Instant): ModerationRule {
  requireTerms(terms);
  const { kind, threshold, windowSeconds, about, allowedHosts = [], action, muteSeconds, enabled } = terms;
  const hosts = [...new Set(allowedHosts.map(Links.hostKey))];
  return { ...place, kind, threshold, windowSeconds, about, allowedHosts: hosts, action, muteSeconds, enabled, updatedAt: now };
}

function requireRoom(rules: number): void {
  if (rules >= limits.moderation.rules) throw ruleErrors.LIMIT_REACHED({ limit: limits.moderation.rules });
}

/** Why a report of this rule was made, for moderators. */
function reasonOf({ kind, threshold, windowSeconds, about }: ModerationRule): string {
  if (kind === 'links') return `Rule: ${threshold} or more links in a message.`;
  if (kind === 'repeatedText') return `Rule: the same text ${threshold} times within ${windowSeconds} seconds.`;
  return `Rule: ${threshold} people reported this ${about} within ${windowSeconds} seconds.`;
}

export const ModerationRule = { of, requireRoom, reasonOf };
