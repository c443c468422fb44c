import { asId } from '@coucou/domain/kernel/ids';
import type { Erasure } from '@coucou/domain/privacy/erasure';
import type { ErasureRepository } from '@coucou/domain/privacy/erasure-repository';
import { type Generated, type Kysely, type Selectable, sql } from 'kysely';
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

const inSeconds = (seconds: number) => sql<Date>`clock_now() + make_interval(secs => ${seconds})`;

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
    async claim(person, seconds) {
      const now = sql<Date>`clock_now()`;
      const row = await db
        .updateTable('erasure')
        .set({ lease_until: inSeconds(seconds) })
        .where('user_id', '=', person)
        .where('stage', '<>', 'done')
        .where((eb) => eb.or([eb('due_at', '<=', now), eb('failures', '>', 0)]))
        .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', now)]))
        .returningAll()
        .executeTakeFirst();
      return row && toErasure(row);
    },
    async claimableAt(person) {
      const row = await db
        .selectFrom('erasure')
        .select(sql<Date>`greatest(due_at, lease_until)`.as('at'))
        .where('user_id', '=', person)
        .where('stage', '<>', 'done')
        .executeTakeFirst();
      return row?.at;
    },
    async update(erasure, seconds) {
      await db
        .updateTable('erasure')
        .set({ ...progressOf(erasure), lease_until: seconds === undefined ? null : inSeconds(seconds) })
        .where('id', '=', erasure.id)
        .execute();
    },
  };
}
