import { attachmentErrors } from '@coucou/domain/attachments/attachment';
import { authErrors } from '@coucou/domain/auth/session';
import { blockErrors } from '@coucou/domain/blocks/block';
import { conversationErrors } from '@coucou/domain/conversations/conversation';
import { inviteErrors } from '@coucou/domain/conversations/invite';
import { friendErrors } from '@coucou/domain/friends/friend-request';
import { type ErrorDefinition, errors } from '@coucou/domain/kernel/errors';
import { messageErrors } from '@coucou/domain/messages/message';
import { suspensionErrors } from '@coucou/domain/moderation/suspension';
import { userErrors } from '@coucou/domain/users/user';

export type ErrorTable = Readonly<Record<string, ErrorDefinition>>;

/** Puts tables of errors into one list, by code. A code with two meanings would leave clients guessing: it is refused. */
export function catalogueOf(tables: readonly ErrorTable[]): readonly ErrorDefinition[] {
  const catalogue = new Map<string, ErrorDefinition>();
  for (const { code, kind, sentence } of tables.flatMap((table) => Object.values(table))) {
    if (catalogue.has(code)) throw new Error(`The error code ${code} is declared twice.`);
    catalogue.set(code, { code, kind, sentence });
  }
  return [...catalogue.values()].toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

/** Every error the product can answer. A test finds the table that is missing here. */
export const errorCatalogue = catalogueOf([
  errors,
  userErrors,
  authErrors,
  friendErrors,
  blockErrors,
  attachmentErrors,
  conversationErrors,
  inviteErrors,
  messageErrors,
  suspensionErrors,
]);
