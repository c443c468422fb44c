import type { Page } from '@coucou/application/conversations/conversation-reader';
import type { SignFile } from '@coucou/application/ports/file-urls';
import { signedMessage } from '@coucou/features/messages/presenters';
import type { z } from 'zod';
import type { SavedView } from './application/list-saved.ts';
import type { listSavedMessages } from './contracts/operations.ts';
import { SavedMessage } from './domain/saved-message.ts';

export const signedPage =
  (sign: SignFile) =>
  ({ items, nextCursor }: Page<SavedView>): z.infer<NonNullable<(typeof listSavedMessages)['output']>> => ({
    items: items.map(({ saved, message }) => ({ ...SavedMessage.shown(saved), message: message && signedMessage(sign)(message) })),
    nextCursor: nextCursor ?? null,
  });
