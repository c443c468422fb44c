import { MessageSettings } from '@coucou/application/messages/message-settings';
import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { atMost } from '../at-most.ts';
import { settingsOf } from '../feature.ts';

const LONGEST = 315_360_000;
const seconds = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(LONGEST));
const window = z.union([z.literal('off').transform(() => undefined), seconds]);
const expects = `off, or a whole number of seconds, at most ${LONGEST}`;

export const messageSettings = settingsOf(
  MessageSettings,
  {
    EDIT_WINDOW: {
      about: 'How long after posting an author may edit, in seconds; "off" removes the limit.',
      expects,
      fallback: 'off',
      schema: window,
    },
    DELETE_WINDOW: {
      about: 'How long after posting an author may delete for everyone, in seconds; "off" removes the limit.',
      expects,
      fallback: 'off',
      schema: window,
    },
    MAX_MESSAGE_TEXT: atMost(limits.messageText, 'characters', {
      about: 'Maximum length of a message, in characters (Unicode code points).',
    }),
    MAX_MESSAGE_DATA: atMost(limits.customData, 'bytes', { about: 'Maximum size of the custom data of a message as JSON, in bytes.' }),
    MAX_MESSAGE_ATTACHMENTS: atMost(limits.attachments, 'attachments', {
      about: 'Maximum number of attachments of one message.',
      least: 0,
    }),
    MAX_REACTIONS: atMost(limits.reactionKinds, 'reactions', { about: 'Maximum number of different reactions to one message.', least: 0 }),
  },
  ({ EDIT_WINDOW, DELETE_WINDOW, MAX_MESSAGE_TEXT, MAX_MESSAGE_DATA, MAX_MESSAGE_ATTACHMENTS, MAX_REACTIONS }) => ({
    editWindowSeconds: EDIT_WINDOW,
    deleteWindowSeconds: DELETE_WINDOW,
    mostText: MAX_MESSAGE_TEXT,
    mostData: MAX_MESSAGE_DATA,
    mostAttachments: MAX_MESSAGE_ATTACHMENTS,
    mostReactions: MAX_REACTIONS,
  }),
);
