import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';

let server: SpawnedApp;
beforeAll(async () => {
  server = await spawnTestApp({ env: { LOG_LEVEL: 'trace' } });
});
afterAll(() => server?.stop());

/** A thread of the server, in a process of its own, as it is in production; and all that the process writes. */
it('a hint is given, refused and limited without a trace of the password', async () => {
  const { call } = httpClient(server.url);
  const hint = (password: string, more: object = {}) => call('POST', '/api/v1/auth/password/hint', { password, ...more });
  expect((await hint('rosebud-under-the-sled', { username: 'charles' })).body).toMatchObject({ score: 4, accepted: true });
  expect((await hint('rosebud')).body).toMatchObject({ accepted: false, refusal: { reason: 'length', min: 8, max: 128 } });
  expect((await hint('rosebud'.repeat(100))).body.code).toBe('VALIDATION_FAILED');
  expect((await hint('rosebud-again', { sled: 'rosebud' })).body.code).toBe('VALIDATION_FAILED');
  const many = await Promise.all(Array.from({ length: 70 }, () => hint('rosebud-at-once')));
  expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200, 429]));
  expect(many.find(({ status }) => status === 429)?.headers.get('retry-after')).toMatch(/^[1-9]/);
  // It has written something, and by now all of it.
  expect((await call('GET', '/api/v1/auth/oauth')).status).toBe(200);
  expect(server.logs().filter(({ route }) => route === '/api/v1/auth/password/hint').length).toBeGreaterThan(4);
  expect(server.output()).not.toContain('rosebud');
});
