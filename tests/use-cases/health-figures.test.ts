import { keepFigures } from '@coucou/application/metrics/keep-figures';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

it('the figures of the deployment are whole numbers of what there is', async () => {
  const figures = await keepFigures.run(app.container.portsOf(keepFigures.deps), { aborted: false });
  expect(figures).toEqual({
    databaseMiB: expect.any(Number),
    connections: expect.any(Number),
    longestTransactionSeconds: expect.any(Number),
    usersEstimated: expect.any(Number),
    messagesEstimated: expect.any(Number),
    auditEntriesEstimated: expect.any(Number),
    outboxWaiting: 0,
    outboxOldestSeconds: 0,
    deadLetters: 0,
  });
  expect(figures['databaseMiB']).toBeGreaterThan(5);
  expect(Object.values(figures).every(Number.isInteger)).toBe(true);
});
