import type { FileKey } from '@coucou/domain/attachments/attachment';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';
import type { AttachmentLine, DirectLine, GroupLine, MemberLine, MessageLine, ReactionLine, ReceiptLine, UserLine } from './lines.ts';

export type ExportedConversation = Readonly<{
  id: ConversationId;
  line: DirectLine | GroupLine;
  /** The newest message when it was read: its export ends there. */
  lastSeq: number;
}>;
/** `receipt` where somebody has not read everything up to the end. */
export type ExportedMember = Readonly<{ userId: UserId; line: MemberLine; receipt: ReceiptLine | undefined }>;
export type ExportedMessage = Readonly<{
  seq: number;
  line: MessageLine;
  reactions: readonly ReactionLine[];
  attachments: readonly Readonly<{ key: FileKey; line: AttachmentLine }>[];
}>;

/**
 * An account, as lines of an export, by pages. Each page is a statement of its own, so that no transaction lasts as long as an export; a
 * conversation is exported up to the message that was its newest when it was read.
 */
export interface AccountReader {
  /** Everybody after this one, by their ids, deleted people included. */
  people(account: AccountId, after: UserId | undefined, limit: number): Promise<readonly UserLine[]>;
  peopleOf(account: AccountId, ids: readonly UserId[]): Promise<readonly UserLine[]>;
  conversations(account: AccountId, after: ConversationId | undefined, limit: number): Promise<readonly ExportedConversation[]>;
  /** Present members after this one. */
  members(
    account: AccountId,
    conversation: Pick<ExportedConversation, 'id' | 'lastSeq'>,
    after: UserId | undefined,
    limit: number,
  ): Promise<readonly ExportedMember[]>;
  /** Messages after this seq; those that expire are left out. */
  messages(
    account: AccountId,
    conversation: Pick<ExportedConversation, 'id' | 'lastSeq'>,
    after: number,
    limit: number,
  ): Promise<readonly ExportedMessage[]>;
}
export const AccountReader = token<AccountReader>('AccountReader');
