import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, id, page, pageInput, text, time } from '../kernel/types.ts';

const state = z.enum(['open', 'assigned', 'decided']);
const decision = z.enum(['dismiss', 'delete', 'warn', 'mute', 'suspend']);
const { note, muteSeconds: muted } = limits.moderation;

/** How long somebody is muted. */
export const muteSeconds = z
  .int()
  .min(muted.min)
  .max(muted.max)
  .meta({ description: 'for how long, in seconds', examples: [3_600] });

export const ModeratedReport = z
  .object({
    id: id('report'),
    state,
    reporterId: id('user').optional().meta({ description: 'absent: a rule made it' }),
    ruleId: id('moderationRule').optional(),
    userId: id('user').meta({ description: 'the reported user; for a message its sender' }),
    messageId: id('message').optional(),
    conversationId: id('conversation').optional(),
    seq: counter.optional(),
    reason: z.string().meta({ examples: ['insults'] }),
    evidence: z
      .record(z.string(), z.unknown())
      .meta({ description: 'the message or the profile as it was when it was reported', examples: [{ type: 'text', content: 'rude' }] }),
    createdAt: time,
    assigneeId: id('user').optional(),
    decision: decision.optional(),
    decidedAt: time.optional(),
    decidedById: id('user').optional().meta({ description: 'absent where a server of the account decided' }),
    note: z
      .string()
      .optional()
      .meta({ examples: ['the second time'] }),
    mutedUntil: time.optional(),
  })
  .meta({ id: 'ModeratedReport' });

const at = '/admin/reports';
const ofOne = `${at}/:reportId`;
const reportId = id('report');

export const listReports = operation({
  name: 'admin.listReports',
  summary: 'The reports of the account, the newest first.',
  http: { method: 'GET', path: at, status: 200 },
  access: 'admin',
  scope: 'reports:read',
  input: z.strictObject({
    state: state.optional(),
    assigneeId: id('user').optional().meta({ description: 'those that this person works on' }),
    userId: id('user').optional().meta({ description: 'those about this person and their messages' }),
    ...pageInput,
  }),
  output: page(ModeratedReport),
  errors: ['CURSOR_INVALID'],
});

export const getReport = operation({
  name: 'admin.getReport',
  summary: 'One report of the account.',
  http: { method: 'GET', path: ofOne, status: 200 },
  access: 'admin',
  scope: 'reports:read',
  input: z.strictObject({ reportId }),
  output: ModeratedReport,
  errors: ['REPORT_NOT_FOUND'],
});

export const assignReport = operation({
  name: 'admin.assignReport',
  summary: 'Give a report to somebody who administers the account, or back to the queue.',
  http: { method: 'PUT', path: `${ofOne}/assignee`, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'reports:write',
  input: z.strictObject({ reportId, assigneeId: id('user').nullable().meta({ description: 'null: nobody works on it' }) }),
  output: ModeratedReport,
  errors: ['REPORT_NOT_FOUND', 'REPORT_DECIDED', 'USER_NOT_FOUND'],
});

export const decideReport = operation({
  name: 'admin.decideReport',
  summary:
    'Decide a report, once: of two who decide at once the second is refused. The decision is carried out with the answer, and the reporter is told whether something was done.',
  http: { method: 'POST', path: `${ofOne}/decision`, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'reports:write',
  input: z.strictObject({
    reportId,
    decision: decision.meta({
      description:
        'dismiss: nothing; delete: the message, for everybody; warn: the person is told; mute: they write nowhere for muteSeconds; suspend: they are kept out',
    }),
    muteSeconds: muteSeconds.optional(),
    note: text({ min: 1, max: note })
      .optional()
      .meta({ description: 'for moderators', examples: ['the second time'] }),
    message: text({ min: 1, max: note })
      .optional()
      .meta({ description: 'what a warned person is told', examples: ['Please stay polite.'] }),
  }),
  output: ModeratedReport,
  errors: ['REPORT_NOT_FOUND', 'REPORT_DECIDED', 'USER_NOT_FOUND', 'LAST_OWNER'],
});

const ofUser = '/admin/users/:userId';

export const muteUser = operation({
  name: 'admin.muteUser',
  summary: 'Keep somebody from writing anywhere in the account for a time, instead of a mute that they have. It ends by itself.',
  http: { method: 'POST', path: `${ofUser}/mute`, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'users:write',
  input: z.strictObject({ userId: id('user'), seconds: muteSeconds }),
  output: z.object({ mutedUntil: time }),
  errors: ['USER_NOT_FOUND'],
});

export const unmuteUser = operation({
  name: 'admin.unmuteUser',
  summary: 'End a mute before its time.',
  http: { method: 'POST', path: `${ofUser}/unmute`, status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'users:write',
  input: z.strictObject({ userId: id('user') }),
  errors: ['USER_NOT_FOUND'],
});

/** What moderators do shows in the feed of whom it concerns. */
export const moderationFeedEntries = {
  'moderation.muted': z.object({ until: time.nullable() }),
  'moderation.warned': z.object({
    conversationId: id('conversation').optional(),
    messageId: id('message').optional(),
    message: z.string().optional(),
  }),
  'report.decided': z.object({ reportId: id('report'), outcome: z.enum(['acted', 'dismissed']) }),
};
