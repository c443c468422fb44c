import type { Page } from '@coucou/application/conversations/conversation-reader';
import type { z } from 'zod';
import type { ConversationRetention } from './application/administer-retention.ts';
import type { Figures } from './application/retention-repository.ts';
import type * as contracts from './contracts/operations.ts';
import type { Archive, Hold, Retention, RetentionPolicy } from './domain/retention.ts';

type Answer<Op extends { output?: z.ZodType | undefined }> = z.infer<NonNullable<Op['output']>>;

const presentPolicy = (policy: RetentionPolicy | undefined) =>
  policy && { maxAgeDays: policy.maxAgeDays, maxMessages: policy.maxMessages, archive: policy.archive };
const presentHold = (hold: Hold | undefined) => hold && { reason: hold.reason, since: hold.at.toISOString(), by: hold.by };

export const presentRetention = ({ policy, hold }: Retention): Answer<typeof contracts.getRetention> => ({
  policy: presentPolicy(policy),
  hold: presentHold(hold),
});

export const presentConversationRetention = (found: ConversationRetention): Answer<typeof contracts.getConversationRetention> => ({
  ...presentRetention(found),
  isOwn: found.own !== undefined,
  accountHold: presentHold(found.accountHold),
  firstSeq: found.firstSeq,
  lastSeq: found.lastSeq,
});

export const presentFigures = (figures: Figures): Answer<typeof contracts.previewRetention> => ({
  conversations: figures.conversations,
  messages: figures.messages,
  files: figures.files,
  fileBytes: figures.fileBytes,
  held: figures.held,
});

const presentArchive = (archive: Archive) => ({
  id: archive.id,
  conversationId: archive.conversationId,
  firstSeq: archive.firstSeq,
  lastSeq: archive.lastSeq,
  messages: archive.messages,
  bytes: archive.bytes,
  createdAt: archive.createdAt.toISOString(),
});

export const presentArchives = ({ items, nextCursor }: Page<Archive>): Answer<typeof contracts.listArchives> => ({
  items: items.map(presentArchive),
  nextCursor: nextCursor ?? null,
});
