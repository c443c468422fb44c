import { asId } from '@coucou/domain/kernel/ids';
import type { Erasure } from '@coucou/domain/privacy/erasure';
import type { ErasureRepository } from '@coucou/domain/privacy/erasure-repository';
import type { Generated, Kysely, Selectable } from 'kysely';
import { orUndefined } from '../kit/nullable.ts';

export type ErasureTable = {
  account_id: string;
  id: string;
  user_id: string;
  requested_by: string | null;
  requested_at: Date;
  stage: Erasure['stage'];
  step: string | null;
  erased: number;
  due_at: Date | null;
  lease_until: Generated<Date | null>;
  failures: number;
  finished_at: Date | null;
};

const toErasure = (row: Selectable<ErasureTable>): Erasure => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  userId: asId(row.user_id),
  requestedBy: row.requested_by === null ? undefined : asId(row.requested_by),
  requestedAt: row.requested_at,
  stage: row.stage,
  step: orUndefined(row.step),
  erased: row.erased,
  dueAt: orUndefined(row.due_at),
  failures: row.failures,
  finishedAt: orUndefined(row.finished_at),
});

const progressOf = ({ stage, step, erased, dueAt, failures, finishedAt }: Erasure) => ({
  stage,
  step: step ?? null,
  erased,
  due_at: dueAt ?? null,
  failures,
  finished_at: finishedAt ?? null,
});

export function createErasureRepository(db: Kysely<{ erasure: ErasureTable }>): ErasureRepository {
  return {
    async add(erasure) {
      const { accountId: account_id, id, userId: user_id, requestedBy, requestedAt: requested_at } = erasure;
      const row = await db
        .insertInto('erasure')
        .values({ account_id, id, user_id, requested_by: requestedBy ?? null, requested_at, ...progressOf(erasure) })
        .onConflict((oc) => oc.columns(['account_id', 'user_id']).doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    async findOf(person) {
      const row = await db.selectFrom('erasure').selectAll().where('user_id', '=', person).executeTakeFirst();
      return row && toErasure(row);
    },
    async claim(id, now, until) {
      const row = await db
        .updateTable('erasure')
        .set({ lease_until: until })
        .where('id', '=', id)
        .where('due_at', '<=', now)
        .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', now)]))
        .returningAll()
        .executeTakeFirst();
      return row && toErasure(row);
    },
    async update(erasure, until) {
      await db
        .updateTable('erasure')
        .set({ ...progressOf(erasure), lease_until: until ?? null })
        .where('id', '=', erasure.id)
        .execute();
    },
  };
}
