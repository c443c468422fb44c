import type { ActivityLogRepository } from '@coucou/domain/activity/activity-log-repository';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/** Deleted by ctid, without another look-up: an ended row changes no more. */
export const createActivityLogRepository = (db: Kysely<Tables>): ActivityLogRepository => ({
  async trimConnections(before, limit) {
    const { numAffectedRows } = await sql`
      delete from connection_log where ctid = any(array(
        select ctid from connection_log where ended_at < ${before} order by ended_at limit ${limit}))`.execute(db);
    return Number(numAffectedRows ?? 0);
  },
  async trimPresence(before, limit) {
    const { numAffectedRows } = await sql`
      delete from presence_log where ctid = any(array(
        select ctid from presence_log where at < ${before} order by at limit ${limit}))`.execute(db);
    return Number(numAffectedRows ?? 0);
  },
});
