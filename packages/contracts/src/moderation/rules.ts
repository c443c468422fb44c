import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, line, time } from '../kernel/types.ts';
import { muteSeconds } from './report-queue.ts';

const { moderation } = limits;

export const ruleKind = z.enum(['reports', 'links', 'repeatedText']).meta({
  description:
    'reports: people who report one person or message; links: addresses in a message; repeatedText: messages of one person with the same text',
});
export const ruleAction = z.enum(['report', 'refuse', 'mute']).meta({
  description: 'report: into the queue; refuse: the message is not stored; mute: nor is it, and the person is muted for muteSeconds',
});
const threshold = z
  .int()
  .min(moderation.threshold.min)
  .max(moderation.threshold.max)
  .meta({ description: 'reporters, addresses or messages from which on the rule acts', examples: [3] });
const windowSeconds = z
  .int()
  .min(moderation.windowSeconds.min)
  .max(moderation.windowSeconds.max)
  .meta({ description: 'of reports and repeatedText: what happened within so many seconds counts', examples: [60] });
const about = z.enum(['person', 'message']).meta({ description: 'of reports: those about one person, or about one message' });

const terms = {
  kind: ruleKind,
  threshold,
  windowSeconds: windowSeconds.optional(),
  about: about.optional(),
  allowedHosts: z
    .array(line({ min: 1, max: moderation.host }).meta({ examples: ['example.com'] }))
    .max(moderation.hosts)
    .optional()
    .meta({ description: 'of links: those of these hosts, and of what is under them, do not count' }),
  action: ruleAction,
  muteSeconds: muteSeconds.optional(),
  enabled: z.boolean().default(true),
};

export const ModerationRule = z
  .object({
    id: id('moderationRule'),
    kind: ruleKind,
    threshold,
    windowSeconds: windowSeconds.optional(),
    about: about.optional(),
    allowedHosts: z.array(z.string().meta({ examples: ['example.com'] })).optional(),
    action: ruleAction,
    muteSeconds: muteSeconds.optional(),
    enabled: z.boolean(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'ModerationRule' });

const at = '/admin/moderation/rules';
const ofOne = `${at}/:ruleId`;
const ruleId = id('moderationRule');

export const listModerationRules = operation({
  name: 'admin.listModerationRules',
  summary: `The automatic rules of the account, ${moderation.rules} at most.`,
  http: { method: 'GET', path: at, status: 200 },
  access: 'admin',
  scope: 'moderation:read',
  input: z.strictObject({}),
  output: z.object({ items: z.array(ModerationRule) }),
  errors: [],
});

export const createModerationRule = operation({
  name: 'admin.createModerationRule',
  summary: 'Add an automatic rule. Servers follow it within a few seconds.',
  http: { method: 'POST', path: at, status: 201 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'moderation:write',
  input: z.strictObject(terms),
  output: ModerationRule,
  errors: ['MODERATION_RULE_LIMIT_REACHED'],
});

export const putModerationRule = operation({
  name: 'admin.putModerationRule',
  summary: 'Replace an automatic rule, or switch it on and off.',
  http: { method: 'PUT', path: ofOne, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'moderation:write',
  input: z.strictObject({ ruleId, ...terms }),
  output: ModerationRule,
  errors: ['MODERATION_RULE_NOT_FOUND'],
});

export const deleteModerationRule = operation({
  name: 'admin.deleteModerationRule',
  summary: 'Delete an automatic rule. Reports and mutes that it made stay.',
  http: { method: 'DELETE', path: ofOne, status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'moderation:write',
  input: z.strictObject({ ruleId }),
  errors: ['MODERATION_RULE_NOT_FOUND'],
});
