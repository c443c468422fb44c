import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ListeningApp, startTestApp } from '../../../tests/support/listening-app.ts';
import { createDatabase, hasPostgres } from '../../../tests/support/database.ts';
import type { Database } from '../../../tests/support/template.ts';
import { type Run, runOf, type TrimTo } from '../../../tests/sync/run.ts';
import { trimmingScenario } from '../../../tests/sync/scenario.ts';
import { trimConversation, trimPorts } from '../src/application/trim-conversation.ts';
import { unpaced } from './retention.ts';

type Container = Parameters<typeof unpaced>[0];

/** RETENTION_SEED and RETENTION_PATH repeat a failure as it was printed; RETENTION_RUNS says how many. */
const { NIGHTLY, RETENTION_RUNS, RETENTION_SEED, RETENTION_PATH } = process.env;
const numRuns = Number(RETENTION_RUNS ?? (NIGHTLY === '1' ? 300 : 4));
const seed = Number(RETENTION_SEED ?? Math.floor(Math.random() * 2 ** 31));

let app: ListeningApp;
let database: Database | undefined;
let trimTo: TrimTo;
/** The statistics say whether it was about anything. */
const done: Run['done'] & { trimmed: number } = { commands: 0, refused: 0, connections: 0, lost: 0, trimmed: 0 };

beforeAll(async () => {
  database = hasPostgres() ? await createDatabase() : undefined;
  let container: Container | undefined;
  const overrides = [unpaced, (ports: Container) => void (container = ports)];
  app = await startTestApp({ ...(database && { database }), overrides: { overrides } });
  const ports = container?.portsOf(trimPorts) ?? expect.fail('no container');
  const [account] = await ports.uow.system('accounts', (tx) => tx.listAccounts());
  if (account === undefined) expect.fail('no account');
  // One at a time, as a job runs.
  let before = Promise.resolve();
  trimTo = (id, keep) => {
    const conversationId = id as Parameters<typeof trimConversation>[1]['conversationId'];
    const next = before.then(async () => {
      await ports.uow.write(account, async (tx) => {
        await tx.retentions.lock(account, conversationId);
        await tx.retentions.putPolicy(account, conversationId, { maxAgeDays: undefined, maxMessages: keep, archive: keep % 2 === 0 });
      });
      done.trimmed += (await trimConversation(ports, { account, conversationId }, { aborted: false })).trimmed;
    });
    before = next.catch(() => {});
    return next;
  };
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

test(
  `whatever is trimmed meanwhile, what a device holds is what a fresh read answers (${numRuns} histories)`,
  async () => {
    console.info(`RETENTION_SEED=${seed}`);
    const property = fc.asyncProperty(trimmingScenario, async (plan) => {
      const run = await runOf(app, plan, done, trimTo);
      try {
        await run.play();
        await run.check();
      } finally {
        await run.close();
      }
    });
    await fc.assert(property, { numRuns, seed, ...(RETENTION_PATH !== undefined && { path: RETENTION_PATH }), endOnFailure: true });
    console.info(JSON.stringify({ runs: numRuns, ...done }));
    expect(done.trimmed).toBeGreaterThan(0);
  },
  numRuns * 6_000 + 60_000,
);
