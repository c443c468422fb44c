import { parseTiming, type Timing } from '@coucou/application/kernel/timing';
import { findTimeZone } from '@coucou/domain/kernel/time-zone';
import type { AppFeature } from '@coucou/features/feature';
import { z } from 'zod';
import { setting, settingOr } from './setting.ts';

/** When the server's own jobs run. */
export const scheduleSettings = {
  SCHEDULES: setting({
    about: 'When jobs run that are to run at other times than their own, which `pnpm cli schedules` shows. The same on every node.',
    expects: 'job=when, separated by semicolons, where "when" is a cron expression of five fields, or every 30s, 10m, 6h or 7d',
    example: 'auth.forgetRevoked=30 4 * * sun; attachments.collect=every 1h',
    otherwise: 'as each job says',
    schema: z.string(),
  }),
  SCHEDULES_TIME_ZONE: settingOr('UTC', {
    about: 'The time zone of cron expressions, of the jobs and in SCHEDULES. The same on every node.',
    expects: 'a name of the IANA time zone database, such as Europe/Berlin',
    schema: z
      .string()
      .transform((name) => findTimeZone(name))
      .refine((zone) => zone !== undefined),
  }),
} as const;

/** The timings that replace those of jobs, by their names; and what is wrong with them. */
export function readSchedules(
  text: string,
  features: readonly AppFeature[],
): Readonly<{ timings: ReadonlyMap<string, Timing>; faults: readonly string[] }> {
  const names = features.flatMap(({ jobs = [] }) => jobs.map(({ name }) => name));
  const timings = new Map<string, Timing>();
  const faults: string[] = [];
  for (const entry of text.split(';').map((part) => part.trim())) {
    if (entry === '') continue;
    const [name = '', ...rest] = entry.split('=').map((part) => part.trim());
    if (rest.length !== 1)
      faults.push(`SCHEDULES has ${JSON.stringify(entry)}; write job=when, for example ${scheduleSettings.SCHEDULES.example}`);
    else if (!names.includes(name))
      faults.push(`SCHEDULES names ${JSON.stringify(name)}, which is no job; there are ${names.toSorted().join(', ')}`);
    else if (timings.has(name)) faults.push(`SCHEDULES names ${name} twice; keep one of them`);
    else
      try {
        timings.set(name, parseTiming(rest[0] ?? ''));
      } catch (error) {
        faults.push(`SCHEDULES, ${name}: ${(error as Error).message}`);
      }
  }
  return { timings, faults };
}
