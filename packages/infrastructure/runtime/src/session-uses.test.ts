import type { AccessClaims } from '@coucou/application/ports/tokens';
import type { SessionUse } from '@coucou/domain/auth/session-repository';
import { asId } from '@coucou/domain/kernel/ids';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSessionUses } from './session-uses.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-15T12:00:00.000Z') }));
afterEach(() => void vi.useRealTimers());

const claims = (sessionId: string, rotation: number, account = 'acc'): AccessClaims => ({
  account: asId(account),
  actor: { userId: asId('alice'), sessionId: asId(sessionId) },
  rotation,
  expiresAt: new Date(0),
});

function open(fail = () => false) {
  const written: [account: string, ...uses: string[]][] = [];
  const uses = createSessionUses({
    write: async (account, batch: readonly SessionUse[]) => {
      if (fail()) throw new Error('away');
      written.push([account, ...batch.map(({ id, rotation }) => `${id} ${rotation}`)]);
    },
  });
  return { ...uses, written };
}

it('writes the first use of each rotation once, by account', async () => {
  const { note, flush, written } = open();
  for (let i = 0; i < 3; i += 1) note(claims('phone', 0));
  note(claims('laptop', 4));
  note(claims('tablet', 1, 'other'));
  await flush();
  note(claims('phone', 0));
  await flush();
  note(claims('phone', 1));
  await flush();
  expect(written).toEqual([
    ['acc', 'phone 0', 'laptop 4'],
    ['other', 'tablet 1'],
    ['acc', 'phone 1'],
  ]);
});

it('knows a use before it is written, while it is, and after', async () => {
  const { note, flush, rotationOf } = open();
  expect(rotationOf(asId('phone'))).toBe(-1);
  note(claims('phone', 2));
  expect(rotationOf(asId('phone'))).toBe(2);
  const flushing = flush();
  expect(rotationOf(asId('phone'))).toBe(2);
  await flushing;
  expect(rotationOf(asId('phone'))).toBe(2);
  // An older token that is presented late says nothing new.
  note(claims('phone', 1));
  expect(rotationOf(asId('phone'))).toBe(2);
});

it('writes the time of the last use once a minute', async () => {
  const { note, flush, written } = open();
  for (const second of [0, 30, 59, 60, 61, 120]) {
    vi.setSystemTime(new Date(Date.parse('2026-01-15T12:00:00.000Z') + second * 1000));
    note(claims('phone', 0));
    await flush();
  }
  expect(written).toHaveLength(3);
});

it('writes with the next batch what could not be written', async () => {
  let away = true;
  const { note, flush, written } = open(() => away);
  note(claims('phone', 0));
  await expect(flush()).rejects.toThrow('away');
  away = false;
  note(claims('laptop', 0));
  await flush();
  expect(written).toEqual([['acc', 'phone 0', 'laptop 0']]);
});
