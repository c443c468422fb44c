import { operation } from '@coucou/contracts/kernel/operation';
import { counter, id, line, page, pageInput, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { retentionLimits } from '../domain/limits.ts';

const at = '/admin/retention';
const ofConversation = '/admin/conversations/:conversationId';
const conversationId = id('conversation');
const archiveId = id('archive');

const limits = {
  maxAgeDays: z
    .int()
    .min(1)
    .max(retentionLimits.ageDays)
    .optional()
    .meta({ description: 'messages that were sent longer ago are trimmed', examples: [365] }),
  maxMessages: z
    .int()
    .min(1)
    .max(retentionLimits.messages)
    .optional()
    .meta({ description: 'so many of the newest messages of a conversation are kept', examples: [100_000] }),
};
const policy = {
  ...limits,
  archive: z.boolean().default(false).meta({ description: 'write messages to an archive before they are trimmed' }),
};
const reason = line({ min: 1, max: retentionLimits.reason }).meta({ examples: ['Case 2026-114'] });

const Policy = z.object({ ...limits, archive: z.boolean() }).meta({ id: 'RetentionPolicy' });
const Hold = z
  .object({ reason: z.string().meta({ examples: ['Case 2026-114'] }), since: time, by: id('user').optional() })
  .meta({ id: 'LegalHold' });

const Retention = z
  .object({
    policy: Policy.optional().meta({ description: 'absent: everything is kept' }),
    hold: Hold.optional().meta({ description: 'while there is one, nothing is trimmed' }),
  })
  .meta({ id: 'Retention' });

const ConversationRetention = Retention.extend({
  policy: Policy.optional().meta({ description: 'what holds for it: its own policy, or that of the account' }),
  isOwn: z.boolean().meta({ description: 'whether the policy is its own' }),
  accountHold: Hold.optional().meta({ description: 'a hold of the account holds for all of its conversations' }),
  firstSeq: counter.meta({ description: 'the first message that is kept' }),
  lastSeq: counter,
}).meta({ id: 'ConversationRetention' });

const Figures = z
  .object({
    conversations: counter.meta({ description: 'of which messages would be trimmed' }),
    messages: counter,
    files: counter.meta({ description: 'attachments that no message would use any more' }),
    fileBytes: counter,
    held: counter.meta({ description: 'conversations that a legal hold keeps as they are' }),
  })
  .meta({ id: 'RetentionFigures' });

const Archive = z
  .object({
    id: archiveId,
    conversationId,
    firstSeq: counter,
    lastSeq: counter,
    messages: counter,
    bytes: counter,
    createdAt: time,
  })
  .meta({ id: 'RetentionArchive' });

const reads = { access: 'admin', scope: 'retention:read' } as const;
const writes = { access: 'admin', scope: 'retention:write', idempotencyKey: 'record' } as const;

export const getRetention = operation({
  name: 'admin.getRetention',
  summary: 'How long messages of the account are kept.',
  http: { method: 'GET', path: at, status: 200 },
  ...reads,
  input: z.strictObject({}),
  output: Retention,
  errors: [],
});

export const putRetention = operation({
  name: 'admin.putRetention',
  summary: 'Set how long messages of the account are kept. A limit that is absent does not limit.',
  http: { method: 'PUT', path: at, status: 200 },
  ...writes,
  input: z.strictObject(policy),
  output: Retention,
  errors: ['RETENTION_HELD'],
});

export const deleteRetention = operation({
  name: 'admin.deleteRetention',
  summary: 'Keep everything, but in conversations with a policy of their own.',
  http: { method: 'DELETE', path: at, status: 204 },
  ...writes,
  input: z.strictObject({}),
  errors: ['RETENTION_HELD'],
});

export const getConversationRetention = operation({
  name: 'admin.getConversationRetention',
  summary: 'How long messages of a conversation are kept.',
  http: { method: 'GET', path: `${ofConversation}/retention`, status: 200 },
  ...reads,
  input: z.strictObject({ conversationId }),
  output: ConversationRetention,
  errors: ['CONVERSATION_NOT_FOUND'],
});

export const putConversationRetention = operation({
  name: 'admin.putConversationRetention',
  summary: 'Give a conversation a policy of its own, in place of that of the account. Without limits, everything in it is kept.',
  http: { method: 'PUT', path: `${ofConversation}/retention`, status: 200 },
  ...writes,
  input: z.strictObject({ conversationId, ...policy }),
  output: ConversationRetention,
  errors: ['CONVERSATION_NOT_FOUND', 'RETENTION_HELD'],
});

export const deleteConversationRetention = operation({
  name: 'admin.deleteConversationRetention',
  summary: 'Have the policy of the account hold for a conversation again.',
  http: { method: 'DELETE', path: `${ofConversation}/retention`, status: 204 },
  ...writes,
  input: z.strictObject({ conversationId }),
  errors: ['CONVERSATION_NOT_FOUND', 'RETENTION_HELD'],
});

export const holdAccount = operation({
  name: 'admin.holdAccount',
  summary: 'Put all conversations of the account under a legal hold: from the answer on, nothing is trimmed.',
  http: { method: 'PUT', path: `${at}/hold`, status: 200 },
  ...writes,
  input: z.strictObject({ reason }),
  output: Retention,
  errors: [],
});

export const releaseAccount = operation({
  name: 'admin.releaseAccount',
  summary: 'Release the legal hold of the account. Holds of conversations stay.',
  http: { method: 'DELETE', path: `${at}/hold`, status: 204 },
  ...writes,
  input: z.strictObject({}),
  errors: [],
});

export const holdConversation = operation({
  name: 'admin.holdConversation',
  summary: 'Put a conversation under a legal hold: from the answer on, nothing of it is trimmed.',
  http: { method: 'PUT', path: `${ofConversation}/hold`, status: 200 },
  ...writes,
  input: z.strictObject({ conversationId, reason }),
  output: ConversationRetention,
  errors: ['CONVERSATION_NOT_FOUND'],
});

export const releaseConversation = operation({
  name: 'admin.releaseConversation',
  summary: 'Release the legal hold of a conversation. One of the account still holds for it.',
  http: { method: 'DELETE', path: `${ofConversation}/hold`, status: 204 },
  ...writes,
  input: z.strictObject({ conversationId }),
  errors: ['CONVERSATION_NOT_FOUND'],
});

export const previewRetention = operation({
  name: 'admin.previewRetention',
  summary: 'What the next run would trim, in figures, or would under another policy. Nothing is changed.',
  http: { method: 'POST', path: `${at}/preview`, status: 200 },
  ...reads,
  input: z.strictObject({
    conversationId: conversationId.optional().meta({ description: 'absent: all conversations of the account' }),
    policy: z.strictObject(limits).optional().meta({
      description: "in place of the account's, which conversations with a policy of their own do not go by, or of that of the conversation",
    }),
  }),
  output: Figures,
  errors: ['CONVERSATION_NOT_FOUND'],
});

export const listArchives = operation({
  name: 'admin.listArchives',
  summary: 'Archives of trimmed messages, the newest first.',
  http: { method: 'GET', path: `${at}/archives`, status: 200 },
  ...reads,
  input: z.strictObject({ conversationId: conversationId.optional(), ...pageInput }),
  output: page(Archive),
  errors: ['CURSOR_INVALID'],
});

export const downloadArchive = operation({
  name: 'admin.downloadArchive',
  summary: 'Download an archive: a message a line, by seq.',
  http: { method: 'GET', path: `${at}/archives/:archiveId`, status: 200, file: 'ndjson' },
  access: 'admin',
  scope: 'retention:export',
  input: z.strictObject({ archiveId }),
  errors: ['RETENTION_ARCHIVE_NOT_FOUND'],
});

export const deleteArchive = operation({
  name: 'admin.deleteArchive',
  summary: 'Delete an archive for good.',
  http: { method: 'DELETE', path: `${at}/archives/:archiveId`, status: 204 },
  ...writes,
  input: z.strictObject({ archiveId }),
  errors: ['RETENTION_ARCHIVE_NOT_FOUND'],
});
