import { Socket } from 'node:net';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { ChatError } from '@coucou/domain/kernel/errors';
import { expect, test } from 'vitest';
import { Admission, type AdmissionLimits } from './admission.ts';

/** An admission whose event loop turns when the test says so. */
function stage(limits: Partial<AdmissionLimits> = {}, random = () => 0) {
  const work: (() => void)[] = [];
  const clock = { now: 0 };
  const admission = new Admission({
    perTurn: 2,
    ...limits,
    refused: noMetrics.counter(catalogue.limitsRefused, { policy: 'admission' }),
    now: () => clock.now,
    nextTurn: (next) => work.push(next),
    random,
  });
  const admitted: number[] = [];
  const refused: ChatError[] = [];
  let asked = 0;
  function ask(): Socket {
    const connection = new Socket();
    const which = asked++;
    admission.take(connection, (error) => (error === undefined ? admitted.push(which) : refused.push(error)));
    return connection;
  }
  function turn(ms = 1): void {
    clock.now += ms;
    for (const next of work.splice(0)) next();
  }
  return { admission, admitted, refused, ask, turn };
}

const several = (count: number, work: () => void) => Array.from({ length: count }, () => work());

test('a few are let in at once, and a few more with every turn, in order', () => {
  const { ask, turn, admitted, refused } = stage();
  several(5, ask);
  expect(admitted).toEqual([0, 1]);
  turn();
  expect(admitted).toEqual([0, 1, 2, 3]);
  turn();
  expect(admitted).toEqual([0, 1, 2, 3, 4]);
  turn();
  turn();
  ask();
  expect(admitted).toHaveLength(6);
  expect(refused).toEqual([]);
});

/** Far more come than are let in; how many wait in the end, and how many came in. */
function flood(turnMs: number) {
  const { admission, ask, turn, admitted, refused } = stage({ perTurn: 1, patienceMs: 1_000 });
  for (let n = 0; n < 100; n += 1) {
    several(20, ask);
    turn(turnMs);
  }
  return { waiting: admission.waiting, admitted: admitted.length, refused };
}

test('the more the loop lags the fewer wait, and some are always let in', () => {
  const [swift, slow, stuck] = [flood(10), flood(100), flood(5_000)];
  expect(swift.waiting).toBeGreaterThan(80);
  expect(swift.waiting).toBeLessThan(150);
  expect(slow.waiting).toBeGreaterThan(5);
  expect(slow.waiting).toBeLessThan(15);
  expect(stuck.waiting).toBeLessThan(2);
  // One for each turn, the first by itself.
  for (const { admitted } of [swift, slow]) expect(admitted).toBe(101);
  expect(stuck.admitted).toBeGreaterThan(50);
  expect(new Set([...swift.refused, ...slow.refused].map(({ code }) => code))).toEqual(new Set(['OVERLOADED']));
});

test('a lag that is over is forgotten', () => {
  const { ask, turn, admitted, refused } = stage({ patienceMs: 1_000 });
  for (let n = 0; n < 20; n += 1) {
    several(20, ask);
    turn(2_000);
  }
  for (let n = 0; n < 100; n += 1) {
    ask();
    turn();
  }
  const before = refused.length;
  const already = admitted.length;
  several(40, ask);
  for (let n = 0; n < 20; n += 1) turn();
  expect(refused).toHaveLength(before);
  expect(admitted).toHaveLength(already + 40);
});

test('no more wait than may', () => {
  const { ask, admitted, refused } = stage({ mostWaiting: 3 });
  several(7, ask);
  expect([admitted.length, refused.length]).toEqual([2, 2]);
  expect(refused[0]).toMatchObject({ code: 'OVERLOADED', details: { reason: 'handshakes', retryAfterSeconds: 1 } });
});

test('they wait while as many are being signed in as may be, and are refused when that takes too long', async () => {
  const { admission, ask, turn, admitted, refused } = stage({ mostBusy: 1, patienceMs: 100 });
  const work = Promise.withResolvers<void>();
  const done = admission.during(work.promise);
  several(2, ask);
  several(50, () => turn());
  expect([admitted.length, admission.waiting]).toEqual([0, 2]);
  several(60, () => turn());
  ask();
  expect(refused.map(({ code }) => code)).toEqual(['OVERLOADED']);
  work.resolve();
  await done;
  turn();
  expect(admitted).toEqual([0, 1]);
});

test('work that failed is over too', async () => {
  const { admission, ask, admitted } = stage({ mostBusy: 1 });
  await expect(admission.during(Promise.reject(new Error('away')))).rejects.toThrow('away');
  ask();
  expect(admitted).toHaveLength(1);
});

test('who hangs up while it waits takes nobody’s place, and harms nobody', () => {
  const { ask, turn, admitted } = stage();
  several(2, ask);
  const gone = [ask(), ask()];
  several(2, ask);
  for (const connection of gone) {
    connection.emit('error', new Error('reset'));
    connection.destroy();
  }
  turn();
  expect(admitted).toEqual([0, 1, 4, 5]);
});

test('refused handshakes get a Retry-After with jitter', () => {
  let at = 0;
  const { ask, refused } = stage({ mostWaiting: 0 }, () => (at++ % 4) / 4);
  several(6, ask);
  expect(refused.map(({ details }) => (details as { retryAfterSeconds: number }).retryAfterSeconds)).toEqual([1, 2, 3, 4]);
});

test('once the server closes nobody waits, and nobody comes in', () => {
  const { admission, ask, turn, admitted, refused } = stage();
  several(4, ask);
  admission.shut();
  ask();
  turn();
  expect(admitted).toHaveLength(2);
  expect(refused.map(({ code }) => code)).toEqual(['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE']);
});
