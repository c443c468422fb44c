import { job } from '@coucou/application/kernel/job';
import type { AppFeature } from '@coucou/features/feature';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

let runs = 0;
let fails = true;
const counting: AppFeature = {
  name: 'counting',
  jobs: [
    job({
      name: 'counting.count',
      everyMs: 1_000,
      deps: {},
      async run() {
        if (fails) throw new Error('not now');
        runs += 1;
        return { counted: 1 };
      },
    }),
  ],
};

let database: Database;
let app: ListeningApp;
beforeAll(async () => {
  database = await createDatabase();
  app = await startTestApp({ database, overrides: { features: [counting] } });
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const health = async () => (await httpClient(app.url).call('GET', '/health/ready')).body;

it('a job that fails again and again makes the server degraded, until it is done', async () => {
  const failing = 'counting.count failed \\d+ times in a row: pnpm cli schedules list';
  await until(async () => new RegExp(failing).test(JSON.stringify(await health())), {
    what: 'the health of a failing job',
    timeoutMs: 30_000,
  });
  expect(await health()).toMatchObject({ status: 'degraded' });
  fails = false;
  await until(async () => (await health()).status === 'up', { what: 'the health of a job that is done', timeoutMs: 30_000 });
  const before = runs;
  await until(() => runs > before + 1, { what: 'the job at its next times', timeoutMs: 30_000 });
});
