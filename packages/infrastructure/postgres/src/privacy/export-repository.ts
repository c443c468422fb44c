import type { ExportRepository } from '@coucou/domain/privacy/export-repository';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export const createExportRepository = (db: Kysely<Tables>): ExportRepository => ({
  async begin(person, id, seconds) {
    const { numAffectedRows } = await sql`
      insert into export_lease as l (account_id, user_id, id, lease_until)
      values (current_setting('app.account_id')::uuid, ${person}, ${id}, clock_now() + make_interval(secs => ${seconds}))
      on conflict (account_id, user_id) do update set id = excluded.id, lease_until = excluded.lease_until
      where l.lease_until < clock_now()`.execute(db);
    return numAffectedRows === 1n;
  },
  async renew(person, id, seconds) {
    const { numAffectedRows } = await sql`
      update export_lease set lease_until = clock_now() + make_interval(secs => ${seconds})
      where user_id = ${person} and id = ${id}`.execute(db);
    return numAffectedRows === 1n;
  },
  async end(person, id) {
    await sql`delete from export_lease where user_id = ${person} and id = ${id}`.execute(db);
  },
});
