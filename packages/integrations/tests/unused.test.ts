import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOwnPostgres, openPglite } from '../../../tests/storage/engines.ts';
import { counted, storageOn, type TestStorage } from '../../../tests/storage/test-storage.ts';
import { hasPostgres } from '../../../tests/support/database.ts';
import { createAccount, ids } from '../../../tests/support/fixtures.ts';
import { fanOut } from '../src/application/fan-out.ts';
import { createIntegrationDirectory } from '../src/storage/integration-directory.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = storageOn(await (hasPostgres() ? openOwnPostgres() : openPglite()));
});
afterAll(() => storage.close());

const posted = (account: AccountId) => ({
  id: ids.next(),
  account,
  type: 'message.posted',
  conversationId: ids.next<'conversation'>(),
  messageIds: [ids.next<'message'>()],
  version: 2,
});

it('costs an account without integrations one question in five seconds, however many messages there are', async () => {
  const account = await createAccount(storage.uow);
  const pool = counted(storage.main);
  const directory = createIntegrationDirectory(pool);
  const untouched = () => Promise.reject(new Error('nothing is written'));
  const ports = { directory, uow: { read: untouched, write: untouched, system: untouched }, clock: { now: () => new Date() }, ids };
  for (let at = 0; at < 100; at += 1) await fanOut.run(ports as never, [posted(account)]);
  expect(pool.count).toEqual({ lent: 1, queries: 1 });

  // What was changed here is asked for each time, until the change is committed for certain.
  directory.forget(account);
  for (let at = 0; at < 3; at += 1) expect(await directory.tells(account, ids.next())).toBe(false);
  expect(pool.count.queries).toBe(4);
});
