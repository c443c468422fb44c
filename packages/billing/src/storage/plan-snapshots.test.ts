import { asId } from '@coucou/domain/kernel/ids';
import { expect, it } from 'vitest';
import type { Snapshot } from '../application/billing-ports.ts';
import { createPlanSnapshots } from './plan-snapshots.ts';

const account = asId<'account'>('01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f');
const at = (second: number): Date => new Date(second * 1_000);
const snapshot = (messages: number): Snapshot => ({
  limits: { messages: 1 },
  messages,
  monthlyActive: 0,
  month: '2026-01',
  active: new Map(),
});

it('answers at once what is known, and makes it anew beside the calls once a minute', async () => {
  const snapshots = createPlanSnapshots();
  const loads: PromiseWithResolvers<Snapshot>[] = [];
  const load = () => {
    loads.push(Promise.withResolvers<Snapshot>());
    return loads.at(-1)?.promise as Promise<Snapshot>;
  };
  const first = snapshots.of(account, at(0), load);
  expect(snapshots.of(account, at(0), load)).toBe(first);
  loads[0]?.resolve(snapshot(1));
  expect(await first).toEqual(snapshot(1));
  expect(snapshots.of(account, at(59), load)).toEqual(snapshot(1));
  expect(loads).toHaveLength(1);
  // A minute old: the calls go on with it while one question is under way, and when that fails.
  for (const second of [60, 61]) expect(snapshots.of(account, at(second), load)).toEqual(snapshot(1));
  expect(loads).toHaveLength(2);
  loads[1]?.reject(new Error('away'));
  await loads[1]?.promise.catch(() => {});
  expect(snapshots.of(account, at(62), load)).toEqual(snapshot(1));
  loads[2]?.resolve(snapshot(2));
  await loads[2]?.promise;
  expect(snapshots.of(account, at(63), load)).toEqual(snapshot(2));
});

it('is not what began before it was forgotten', async () => {
  const snapshots = createPlanSnapshots();
  const before = Promise.withResolvers<Snapshot>();
  const waiting = snapshots.of(account, at(0), () => before.promise);
  snapshots.forget(account);
  const anew = snapshots.of(account, at(0), async () => snapshot(2));
  before.resolve(snapshot(1));
  await Promise.all([waiting, anew]);
  expect(snapshots.of(account, at(1), async () => snapshot(3))).toEqual(snapshot(2));
});
