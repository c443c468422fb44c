import { expect, test } from 'vitest';
import { asServer, onBehalfOf, Turns } from './turns.ts';

/** One place, taken: whoever comes now waits, and `next` lets one in. */
function busy(options: Partial<ConstructorParameters<typeof Turns>[0]> = {}) {
  const turns = new Turns({ places: 1, ...options });
  expect(turns.enter()).toBeUndefined();
  const served: string[] = [];
  const enter = async (name: string) => {
    await turns.enter();
    served.push(name);
  };
  const next = async () => {
    turns.leave();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { turns, served, enter, next };
}

const code = (promise: Promise<unknown>) => promise.then(() => 'served').catch((error: { code: string }) => error.code);

test('one who asks for much waits for themselves alone', async () => {
  const { served, enter, next } = busy();
  for (let n = 1; n <= 50; n += 1) void onBehalfOf({ key: 'greedy' }, () => enter(`greedy ${n}`));
  void onBehalfOf({ key: 'modest' }, () => enter('modest'));
  void asServer('batch', () => enter('batch'));
  for (let n = 0; n < 5; n += 1) await next();
  expect(served).toEqual(['greedy 1', 'modest', 'batch', 'greedy 2', 'greedy 3']);
});

test('what is too much for one is refused; the work of the server is not', async () => {
  const { enter } = busy({ mostOfOne: 3 });
  for (let n = 0; n < 3; n += 1) void onBehalfOf({ key: 'greedy' }, () => enter('greedy'));
  expect(await code(onBehalfOf({ key: 'greedy' }, () => enter('greedy')))).toBe('OVERLOADED');
  let isRefused = false;
  for (let n = 0; n < 10; n += 1)
    void Promise.all([enter('unattributed'), asServer('batch', () => enter('batch'))]).catch(() => (isRefused = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isRefused).toBe(false);
});

test('when the queue is full, the caller with the longest line loses its last call', async () => {
  const { served, enter, next } = busy({ most: 5 });
  const greedy = Array.from({ length: 4 }, (_, n) => code(onBehalfOf({ key: 'greedy' }, () => enter(`greedy ${n}`))));
  const modest = ['one', 'two', 'three'].map((key) => code(onBehalfOf({ key }, () => enter(key))));
  expect(await greedy[3]).toBe('OVERLOADED');
  expect(await greedy[2]).toBe('OVERLOADED');
  expect(await code(onBehalfOf({ key: 'greedy' }, () => enter('greedy')))).toBe('OVERLOADED');
  for (let n = 0; n < 5; n += 1) await next();
  expect(await Promise.all(modest)).toEqual(['served', 'served', 'served']);
  expect(served).toEqual(['greedy 0', 'one', 'two', 'three', 'greedy 1']);
});

test('what nobody waits for any more never begins, and what has begun goes on', async () => {
  const { turns, served, enter, next } = busy();
  const connection = { destroyed: false };
  const late = code(onBehalfOf({ key: 'ann', connection }, () => enter('ann, late')));
  void onBehalfOf({ key: 'bob', connection }, async () => {
    await enter('bob, first');
    turns.leave();
    // Someone else is before him.
    await enter('bob, second');
  });
  void onBehalfOf({ key: 'eve' }, () => enter('eve'));
  await next();
  expect(served).toEqual(['ann, late']);
  expect(await late).toBe('served');
  const dropped = code(onBehalfOf({ key: 'ann', connection }, () => enter('ann, never')));
  await next();
  connection.destroyed = true;
  await next();
  expect(await dropped).toBe('SERVICE_UNAVAILABLE');
  await next();
  expect(served).toEqual(['ann, late', 'bob, first', 'eve', 'bob, second']);
});

test('what waited too long is refused when its turn comes', async () => {
  const { served, enter, next } = busy({ patienceMs: -1 });
  const late = code(onBehalfOf({ key: 'ann' }, () => enter('ann')));
  void enter('the server');
  await next();
  expect(await late).toBe('OVERLOADED');
  expect(served).toEqual(['the server']);
});

test('a place that nobody waits for is free at once, and work that outlives its call is attributed to the server', async () => {
  const { turns, served, enter, next } = busy({ mostOfOne: 0 });
  await next();
  expect(turns.enter()).toBeUndefined();
  let later: Promise<void> | undefined;
  let go: (() => void) | undefined;
  await onBehalfOf({ key: 'ann' }, async () => {
    later = new Promise<void>((resolve) => (go = resolve)).then(() => enter('after the answer'));
  });
  go?.();
  await next();
  await later;
  expect(served).toEqual(['after the answer']);
});

test('work in this thread leaves the loop a turn between two', async () => {
  const turns = new Turns({ places: 1, isBlocking: true });
  const order: string[] = [];
  const use = async (name: string) => {
    await turns.enter();
    order.push(name);
    turns.leave();
  };
  expect(turns.enter()).toBeUndefined();
  const all = Promise.all(['one', 'two', 'three'].map(use));
  setImmediate(() => order.push('a packet'));
  turns.leave();
  await all;
  expect(order.indexOf('a packet')).toBeLessThan(order.indexOf('two'));
});

test('how long callers waited is told once, and the server is no caller', async () => {
  const { turns, enter, next } = busy();
  void asServer('batch', () => enter('batch'));
  await next();
  expect(turns.takeLongestWaitMs()).toBe(0);
  void onBehalfOf({ key: 'somebody' }, () => enter('somebody'));
  await next();
  expect(turns.takeLongestWaitMs()).toBeGreaterThan(0);
  expect(turns.takeLongestWaitMs()).toBe(0);
});
