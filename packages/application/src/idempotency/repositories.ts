import type { IdempotencyRecordRepository } from '@coucou/domain/idempotency/idempotency-record-repository';
import { token } from '../kernel/token.ts';

export const IdempotencyRecords = token<IdempotencyRecordRepository>('IdempotencyRecords');
