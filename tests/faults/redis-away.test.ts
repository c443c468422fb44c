import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import type { Instance } from '../support/instance.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, openDirect, signUpAll } from '../support/people.ts';
import { startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';

/** One node whose Redis is not there when it starts, comes, and goes again. */

let redis: Instance;
let app: ListeningApp;
beforeAll(async () => {
  redis = await startRedis();
  await redis.kill();
  app = await startTestApp({ redisUrl: redis.url, env: { LOG_LEVEL: 'silent' } });
});
afterAll(async () => {
  await app?.close();
  await redis.stop();
});

const readiness = async () => (await httpClient(app.url).call('GET', '/health/ready')).body;
const untilRedisIs = (status: string) =>
  until(async () => (await readiness()).checks.redis.status === status, { what: `Redis to be ${status}` });

it('starts, works and stays up without its Redis, and uses it when it is there', async () => {
  expect(await readiness()).toMatchObject({ status: 'degraded', checks: { database: { status: 'up' }, redis: { status: 'degraded' } } });
  const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
  const { id } = await openDirect(alice, bob);
  const socket = bob.socket('websocket');
  await socket.connect();
  const guess = async (times: number) => {
    const answers = await Promise.all(Array.from({ length: times }, () => alice.http.call('GET', '/api/v1/invites/wrongwrongwrong')));
    return answers.filter(({ body }) => body.code === 'INVITE_NOT_FOUND').length;
  };
  expect(await guess(15)).toBe(15);
  await redis.restart();
  await untilRedisIs('up');
  expect(await guess(15)).toBe(5);
  await redis.kill();
  await untilRedisIs('degraded');
  expect(await guess(15)).toBe(0);
  expectStatus(await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'hello' }), 201);
  await socket.events.next('message:new', ({ message }) => message.content === 'hello');
  await socket.close();
});
