import { repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { CustomEmojis } from '../application/custom-emoji-repository.ts';
import { createCustomEmojiRepository } from './custom-emoji-repository.ts';
import { customEmojiSchema } from './custom-emoji-schema.ts';

export const customEmojiStorage: StorageParts = {
  repositories: [repository(CustomEmojis, createCustomEmojiRepository)],
  schema: customEmojiSchema,
};
