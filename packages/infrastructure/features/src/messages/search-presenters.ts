import type { SignFile } from '@coucou/application/ports/file-urls';
import type { FoundMessage } from '@coucou/application/messages/search-messages';
import type { FoundMessage as WireFoundMessage } from '@coucou/contracts/messages/search-messages';
import type { z } from 'zod';
import { presentPage } from '../conversations/presenters.ts';
import { signedMessage } from './presenters.ts';

const signedFound =
  (sign: SignFile) =>
  ({ message, highlights }: FoundMessage): z.infer<typeof WireFoundMessage> => ({
    ...signedMessage(sign)(message),
    highlights: highlights.map(({ start, length }) => ({ start, length })),
  });

export const signedFoundPage = (sign: SignFile) => presentPage(signedFound(sign));
