import type { Page } from '@coucou/application/conversations/conversation-reader';
import type { z } from 'zod';
import type { listEmoji, putEmoji } from './contracts/operations.ts';
import type { CustomEmoji } from './domain/custom-emoji.ts';

type Answer<Op extends { output?: z.ZodType | undefined }> = z.infer<NonNullable<Op['output']>>;

export const presentEmoji = ({ name, imageUrl, createdAt }: CustomEmoji): Answer<typeof putEmoji> => ({
  name,
  shortcode: `:${name}:`,
  imageUrl,
  createdAt: createdAt.toISOString(),
});

export const presentAllEmoji = ({ items, nextCursor }: Page<CustomEmoji>): Answer<typeof listEmoji> => ({
  items: items.map(presentEmoji),
  nextCursor: nextCursor ?? null,
});
