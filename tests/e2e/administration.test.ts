import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient, plainClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { expectStatus, type Person, signUp } from '../support/people.ts';
import { giveRole } from '../support/roles.ts';

/** An account and its own server, over HTTP. */

let app: AppUnderTest;
let database: Awaited<ReturnType<typeof createDatabase>>;
let owner: Person;
beforeAll(async () => {
  database = await createDatabase();
  app = await startAppUnderTest({ database });
  owner = await signUp(app.url, 'olga');
  await giveRole(database, owner.id, 'owner');
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

const newKey = async (...scopes: string[]): Promise<Payload> =>
  expectStatus(await owner.http.call('POST', '/api/v1/admin/api-keys', { name: 'CI', scopes }), 201);
const by = (key: string) => httpClient(app.url, { token: key });
const importing = (key: string, body: string, type = 'application/x-ndjson', query = '') =>
  fetch(`${app.url}/api/v1/admin/users/import${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': type },
    body,
  });

describe('an API key', () => {
  it('calls what its scopes allow, and nothing once it is revoked', async () => {
    const { key, apiKey } = await newKey('users:read');
    const robot = by(key);
    expect(expectStatus(await robot.call('GET', '/api/v1/admin/users?limit=1'), 200).items).toHaveLength(1);
    expect(await robot.call('GET', '/api/v1/admin/settings')).toMatchObject({ status: 403, body: { details: { scope: 'settings:read' } } });
    expect(await robot.call('GET', '/api/v1/auth/me')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expectStatus(await owner.http.call('DELETE', `/api/v1/admin/api-keys/${apiKey.id}`), 204);
    expect(await robot.call('GET', '/api/v1/admin/users')).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  });

  it('opens no socket', async () => {
    const { key } = await newKey('users:read');
    await expect(plainClient(app.url, { token: key }).connect()).rejects.toThrow(/UNAUTHENTICATED/);
  });

  it('mints tokens that act as the person', async () => {
    const { key } = await newKey('tokens:mint');
    const body = { externalId: 'e2e-1', create: { username: 'minted-by-key' } };
    const { accessToken, user } = expectStatus(await by(key).call('POST', '/api/v1/admin/tokens', body), 201);
    expect(expectStatus(await by(accessToken).call('GET', '/api/v1/auth/me'), 200).user.id).toBe(user.id);
  });
});

describe('an import over HTTP', () => {
  it('reads lines as they come, by a key with the scope', async () => {
    const { key } = await newKey('users:import');
    const lines = Array.from({ length: 250 }, (_, index) => JSON.stringify({ username: `imported${index}`, externalId: `i${index}` }));
    const dry = await importing(key, lines.join('\n'), undefined, '?dryRun=true');
    expect(await dry.json()).toEqual({ read: 250, created: 250, existing: 0, refused: [] });
    const answer = await importing(key, [...lines, 'nonsense', ''].join('\n'));
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { read: 251, created: 250, refused: [{ line: 251, code: 'MALFORMED_JSON' }] },
    ]);
    const again = await importing(key, lines.join('\n'), undefined, '?fromLine=201');
    expect(await again.json()).toMatchObject({ read: 50, created: 0, existing: 50 });
  });

  it('is refused without the scope, in another form, and with what it does not know', async () => {
    const { key } = await newKey('users:write');
    expect((await importing(key, '{}')).status).toBe(403);
    const { key: good } = await newKey('users:import');
    expect((await importing(good, '{}', 'application/json')).status).toBe(415);
    expect((await importing(good, '{}', undefined, '?role=owner')).status).toBe(400);
    expect((await importing(good.replace('ck_', 'ck_x'), '{}')).status).toBe(401);
  });
});
