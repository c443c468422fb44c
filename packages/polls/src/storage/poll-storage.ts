import { repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { Polls } from '../application/poll-repository.ts';
import { createPollRepository } from './poll-repository.ts';
import { pollSchema } from './poll-schema.ts';

export const pollStorage: StorageParts = { repositories: [repository(Polls, createPollRepository)], schema: pollSchema };
