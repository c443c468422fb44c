import { parseArgs } from 'node:util';
import { type JobSchedule, JobSchedules } from '@coucou/application/ports/job-schedules';
import { jobActions } from '@coucou/domain/jobs/audit-actions';
import { CommandError, UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { inDeployment } from './in-account.ts';

const help = `pnpm cli schedules list                     print the jobs of the deployment: when they run, and how they ran last
pnpm cli schedules run <job> …              have a node run some now; their next time stays as it is
  --json                                    list: all that is known, one object per line

pnpm cli schedules run attachments.collect

When jobs run is set by SCHEDULES and SCHEDULES_TIME_ZONE. One node at a time runs a job; what was missed while no node ran is run once, as
soon as one does. Times are UTC.`;

export const schedules: AdminCommand = {
  help,
  prepare(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const [action, ...names] = positionals;
    const wrong = (what: string) => new UsageError(what);
    if (action !== 'list' && action !== 'run') throw wrong('give one of list, run');
    if (action === 'list' && names.length > 0) throw wrong('`schedules list` takes no names');
    if (action === 'run' && names.length === 0) throw wrong('give the names of jobs');
    return async (context) => {
      const { ports, print } = context;
      const jobs = ports.resolve(JobSchedules);
      const known = await jobs.list();
      if (action === 'list') {
        if (known.length === 0 && !values.json) print('No server has been started on this database yet.');
        for (const each of known) print(values.json ? JSON.stringify(each) : linesOf(each).join('\n'));
        return;
      }
      const unknown = names.find((name) => !known.some((each) => each.name === name));
      if (unknown !== undefined)
        throw new CommandError(`there is no job ${JSON.stringify(unknown)}; there are ${known.map(({ name }) => name).join(', ')}`);
      await inDeployment(context, async (entry) => {
        for (const name of names) {
          const isDue = await jobs.runNow(name, entry(jobActions.job_run_ordered, { details: { job: name } }));
          print(isDue ? `${name} runs within 10 seconds.` : `${name} is running already.`);
        }
      });
    };
  },
};

const time = (at: Date): string => at.toISOString().replace('T', ' ').slice(0, 19);

function linesOf({ name, timing, dueAt, runAt, attempts, running, last }: JobSchedule): string[] {
  const later = runAt > dueAt && running === undefined ? `, tried again at ${time(runAt)}` : '';
  const next = running === undefined ? `next ${time(dueAt)}${later}` : `running on ${running.node} since ${time(running.since)}`;
  return [`${name}  (${timing})`, `  ${next}${attempts > 1 ? ` (attempt ${attempts})` : ''}`, `  ${lastOf(last)}`];
}

function lastOf(last: JobSchedule['last']): string {
  if (last === undefined) return 'never run yet';
  const seconds = ((last.endedAt.getTime() - last.startedAt.getTime()) / 1_000).toFixed(1);
  const counts = Object.entries(last.report).map(([what, count]) => `${count} ${what}`);
  const outcome = last.error === undefined ? ['done', ...counts].join(', ') : `failed: ${last.error.replaceAll(/\s+/g, ' ').slice(0, 200)}`;
  return `last ${time(last.startedAt)} on ${last.node}, ${seconds} s: ${outcome}`;
}
