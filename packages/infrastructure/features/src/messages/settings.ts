import { MessageSettings } from '@coucou/application/messages/message-settings';
import { z } from 'zod';
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
  },
  ({ EDIT_WINDOW, DELETE_WINDOW }) => ({ editWindowSeconds: EDIT_WINDOW, deleteWindowSeconds: DELETE_WINDOW }),
);
