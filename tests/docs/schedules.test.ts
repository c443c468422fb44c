import { readFileSync } from 'node:fs';
import path from 'node:path';
import { dueOf } from '@coucou/application/kernel/timing';
import { findTimeZone } from '@coucou/domain/kernel/time-zone';
import { features } from '@coucou/server/composition/features';
import { expect, it } from 'vitest';

it('the guide to recurring jobs names every one, with its times', () => {
  const guide = readFileSync(path.join(import.meta.dirname, '../../docs/guides/schedules.md'), 'utf8');
  const told = [...guide.matchAll(/^\| `(\w+\.\w+)` \| (.+?) \| /gm)].map(([, name, when]) => `${name}: ${when}`);
  const utc = findTimeZone('UTC');
  if (utc === undefined) throw new Error('there is no zone UTC');
  const jobs = features.flatMap(({ jobs: some = [] }) => some);
  const known = jobs.map((job) => `${job.name}: ${dueOf(job.name, job, utc).text.replace(/ UTC$/, '')}`);
  expect(told).toEqual(known.toSorted());
});
