import type { JobReport } from '@coucou/application/kernel/job';
import type { JobSchedules } from '@coucou/application/ports/job-schedules';
import { createAuditLogRepository } from '../audit/audit-log-repository.ts';
import type { SessionPool } from '../kit/session.ts';
import { asSystem } from '../transactions/transaction.ts';

const LIST = `
  select s.*, case when runner is null then greatest(0, extract(epoch from clock_now() - run_at)) else 0 end::float as overdue_seconds
  from schedule s order by name`;
const RUN_NOW = `
  update schedule set run_at = clock_now(), due_at = least(due_at, clock_now()) where name = $1 and runner is null`;

type Row = Readonly<{
  name: string;
  timing: string;
  due_at: Date;
  run_at: Date;
  overdue_seconds: number;
  attempts: number;
  node: string | null;
  started_at: Date | null;
  last_node: string | null;
  last_started_at: Date | null;
  last_ended_at: Date | null;
  last_error: string | null;
  last_report: JobReport | null;
}>;

export function createJobSchedules(pool: SessionPool): JobSchedules {
  return {
    async list() {
      const { rows } = await asSystem(pool, 'schedules', (session) => session.query<Row>(LIST));
      return rows.map((row) => ({
        name: row.name,
        timing: row.timing,
        dueAt: row.due_at,
        runAt: row.run_at,
        overdueSeconds: row.overdue_seconds,
        attempts: row.attempts,
        running: row.node === null || row.started_at === null ? undefined : { node: row.node, since: row.started_at },
        last: lastOf(row),
      }));
    },
    runNow: (name, entry) =>
      asSystem(pool, 'schedules', async (session) => {
        const { rowCount } = await session.query(RUN_NOW, [name]);
        if (rowCount > 0) await createAuditLogRepository(session.db).add(entry);
        return rowCount > 0;
      }),
  };
}

const lastOf = ({ last_node: node, last_started_at: startedAt, last_ended_at: endedAt, last_error: error, last_report: report }: Row) =>
  node === null || startedAt === null || endedAt === null
    ? undefined
    : { node, startedAt, endedAt, error: error ?? undefined, report: report ?? {} };
