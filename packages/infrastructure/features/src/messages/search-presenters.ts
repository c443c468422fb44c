import type { FoundMessage } from '@coucou/application/messages/search-messages';
import type { FoundMessage as WireFoundMessage } from '@coucou/contracts/messages/search-messages';
import type { z } from 'zod';
import { presentPage } from '../conversations/presenters.ts';
import { presentMessage } from './presenters.ts';

const presentFound = ({ message, highlights }: FoundMessage): z.infer<typeof WireFoundMessage> => ({
  ...presentMessage(message),
  highlights: highlights.map(({ start, length }) => ({ start, length })),
});

export const presentFoundPage = presentPage(presentFound);
