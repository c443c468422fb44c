import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { SavedMessageReader, SavedMessages } from '../application/saved-message-repository.ts';
import { createSavedMessageReader } from './saved-message-reader.ts';
import { createSavedMessageRepository } from './saved-message-repository.ts';
import { savedMessageSchema } from './saved-message-schema.ts';

export const savedMessageStorage: StorageParts = {
  repositories: [repository(SavedMessages, createSavedMessageRepository)],
  readers: [reader(SavedMessageReader, createSavedMessageReader)],
  schema: savedMessageSchema,
};
