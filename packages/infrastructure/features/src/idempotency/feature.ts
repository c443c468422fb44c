import { forgetExpiredRecords } from '@coucou/application/idempotency/forget-expired-records';
import { IdempotencyRecords } from '@coucou/application/idempotency/repositories';
import { createIdempotencyRecordRepository } from '@coucou/postgres/idempotency/idempotency-record-repository';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { feature } from '../feature.ts';

/** The upkeep of what idempotency keys stand for; the calls themselves are run by the kernel. */
export const idempotencyFeature = feature({
  name: 'idempotency',
  storage: { repositories: [repository(IdempotencyRecords, createIdempotencyRecordRepository)] },
  jobs: [forgetExpiredRecords],
});
