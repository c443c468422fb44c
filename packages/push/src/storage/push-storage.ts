import { createAccountFlag } from '@coucou/postgres/kit/known-of-accounts';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { Digests } from '../application/digest-repository.ts';
import { PushDirectory, PushQueue, PushSubscriptions } from '../application/push-repository.ts';
import { createDigestRepository } from './digest-repository.ts';
import { createPushQueue } from './push-queue.ts';
import { pushSchema } from './push-schema.ts';
import { createSubscriptionRepository } from './subscription-repository.ts';

const HAS = 'select exists (select from push_subscription) as has';

export const createPushDirectory = (pool: SessionPool): PushDirectory => createAccountFlag(pool, HAS, 'push-has');

export const pushStorage: StorageParts = {
  repositories: [
    repository(PushSubscriptions, createSubscriptionRepository),
    repository(PushQueue, createPushQueue),
    repository(Digests, createDigestRepository),
  ],
  readers: [reader(PushDirectory, createPushDirectory)],
  schema: pushSchema,
};
