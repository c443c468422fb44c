import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Payload } from '../support/event-log.ts';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { expectStatus, type Person, signUpAll } from '../support/people.ts';
import { giveRole } from '../support/roles.ts';
import { createDatabase } from '../support/database.ts';

let database: Awaited<ReturnType<typeof createDatabase>>;
let app: AppUnderTest;
let people: Record<'alice' | 'bob', Person>;
beforeAll(async () => {
  database = await createDatabase();
  app = await startAppUnderTest({ database, env: { LIMIT_REST: 'off' } });
  people = await signUpAll(app.url, 'alice', 'bob');
  await giveRole(database, people.alice.id, 'owner');
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const exported = async (query = ''): Promise<{ type: string | null; entries: Payload[] }> => {
  const { status, headers, body } = await people.alice.http.call('GET', `/api/v1/admin/audit-logs/export${query}`);
  expect(status).toBe(200);
  return {
    type: headers.get('content-type'),
    entries: String(body)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
};

it('is exported as NDJSON, all of it or what is found, and the export is an entry', async () => {
  const { alice, bob } = people;
  // More than the pages by which it is read.
  for (let turn = 0; turn < 300; turn += 1) {
    expectStatus(await alice.http.call('POST', `/api/v1/admin/users/${bob.id}/suspend`), 204);
    expectStatus(await alice.http.call('POST', `/api/v1/admin/users/${bob.id}/restore`), 204);
  }
  const { type, entries } = await exported();
  expect(type).toBe('application/x-ndjson');
  expect(entries[0]).toMatchObject({ action: 'audit_exported', actor: { kind: 'user', id: alice.id }, ip: '127.0.0.1' });
  expect(entries.filter(({ action }) => action === 'user_suspended')).toHaveLength(300);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  const { items } = expectStatus(await alice.http.call('GET', '/api/v1/admin/audit-logs?limit=100'), 200);
  expect(entries.slice(0, 100)).toEqual(items);

  const found = await exported(`?action=user_restored&targetId=${bob.id}&q=user`);
  expect(found.entries).toHaveLength(300);
  expect((await bob.http.call('GET', '/api/v1/admin/audit-logs/export')).status).toBe(403);
});
