import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { eventOf, hear } from './event-bus.suite.ts';
import { newSecret, openNode, type RedisNode, untilStatus } from './nodes.ts';
import { ruleOf, takeMany } from './rate-limiter.suite.ts';

const USER = 'coucou';
const PASSWORD = 'pass/word:with@signs%';

let redis: Instance;
let operator: Redis;
const opened: RedisNode[] = [];
beforeAll(async () => {
  redis = await startRedis();
  operator = new Redis(redis.url);
  await operator.acl('SETUSER', USER, 'on', `>${PASSWORD}`, '~*', '&*', '+@all');
});
afterEach(async () => {
  for (const node of opened.splice(0)) await node.close();
});
afterAll(async () => {
  operator.disconnect();
  await redis.stop();
});

function open(password: string, database = 0, secret = newSecret()): RedisNode {
  const url = new URL(redis.url);
  url.username = USER;
  url.password = encodeURIComponent(password);
  url.pathname = `/${database}`;
  const node = openNode(url.href, secret);
  opened.push(node);
  return node;
}
const errorsOf = ({ lines }: RedisNode) => lines.filter(({ level }) => level === 'error');

it('logs in and selects a database as its URL says', async () => {
  const node = open(PASSWORD, 3);
  await node.answered;
  expect(await node.commands.ask((client) => client.acl('WHOAMI'))).toBe(USER);
  await takeMany([node.limiter], 1, ruleOf(1), 'alice');
  const other = operator.duplicate({ db: 3 });
  expect(await other.keys('coucou:*')).toHaveLength(1);
  other.disconnect();
});

it('that may not log in is away, which the log says once, without the password', async () => {
  const node = open('not the password');
  await until(() => errorsOf(node).length > 0, { what: 'the log to say so' });
  expect(await node.health.check()).toMatchObject({ status: 'degraded' });
  expect(await takeMany([node.limiter], 5, ruleOf(2), 'alice')).toBe(2);
  expect(errorsOf(node)).toHaveLength(1);
  expect(JSON.stringify(node.lines)).toContain('WRONGPASS');
  expect(JSON.stringify(node.lines)).not.toContain('not the password');
});

it('is degraded while writes are refused; events still arrive', async () => {
  const secret = newSecret();
  const [node, other] = [open(PASSWORD, 0, secret), open(PASSWORD, 0, secret)];
  await Promise.all([node.answered, other.answered]);
  await operator.config('SET', 'min-replicas-to-write', '1');
  await untilStatus(node, 'degraded');
  expect(await takeMany([node.limiter], 5, ruleOf(2), 'alice')).toBe(2);
  const heard = hear(other.bus);
  node.bus.publish([eventOf('heard')]);
  await until(() => heard.includes('heard'), { what: 'the event' });
  expect(errorsOf(node).map(({ message }) => message)).toEqual([expect.stringMatching(/^Redis refuses a command/)]);
  await operator.config('SET', 'min-replicas-to-write', '0');
  await untilStatus(node, 'up');
});

it('lives through a pause of all clients, in which nobody waits for more than one answer', async () => {
  const node = open(PASSWORD);
  await node.answered;
  await operator.client('PAUSE', 2_500, 'ALL');
  expect(await takeMany([node.limiter], 5, ruleOf(2), 'alice')).toBe(2);
  expect(node.commands.isUp()).toBe(false);
  await untilStatus(node, 'up');
  expect(await takeMany([node.limiter], 5, ruleOf(2), 'alice')).toBe(0);
});
