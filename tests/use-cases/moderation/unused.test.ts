import { screenContent } from '@coucou/application/moderation/screen-content';
import { createScreenings } from '@coucou/postgres/moderation/moderation-repositories';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasPostgres } from '../../support/database.ts';
import { createAccount, ids } from '../../support/fixtures.ts';
import { openOwnPostgres, openPglite } from '../../storage/engines.ts';
import { storageOn, type TestStorage } from '../../storage/test-storage.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = storageOn(await (hasPostgres() ? openOwnPostgres() : openPglite()));
});
afterAll(() => storage.close());

it('costs an account without words and rules one look in five seconds, however many messages there are', async () => {
  const accountId = await createAccount(storage.uow);
  let reads = 0;
  const screenings = createScreenings({
    ...storage.transactions,
    read: (account, work) => {
      reads += 1;
      return storage.transactions.read(account, work);
    },
  });
  const untouched = () => Promise.reject(new Error('nothing but the cache is asked'));
  const ports = {
    screenings,
    limiter: { take: untouched, giveBack: untouched },
    digests: { fingerprint: untouched, uuid: untouched },
    uow: { read: untouched, write: untouched, system: untouched },
  };
  const message = { accountId, senderId: ids.next(), clientMessageId: ids.next(), id: ids.next(), content: 'see https://example.com' };
  for (let sent = 0; sent < 1_000; sent += 1) expect(await screenContent.run(ports as never, message, undefined as never)).toBe(message);
  expect(reads).toBe(1);
});
