import { hookPoint } from '@coucou/application/kernel/hook';
import type { UserCall } from '@coucou/application/kernel/call';
import { errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHooks, type ReadyHook } from './hooks.ts';

const point = hookPoint<string>('text');
const call: UserCall = {
  requestId: 'r',
  account: asId('a'),
  client: { ip: '', userAgent: '' },
  actor: { userId: asId('alice'), sessionId: asId('s') },
};
const warn = vi.fn<() => void>();
const run = (hooks: readonly Partial<ReadyHook>[], value = 'text') =>
  createHooks(
    hooks.map((hook, index) => ({ name: `hook ${index}`, at: point.name, run: async (text) => text, ...hook })),
    { warn },
  ).run(point, value, call);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  warn.mockClear();
});

it('gives each hook what the one before it made; one that answers nothing changes nothing', async () => {
  const answer = await run([{ run: async (text) => `${text}!` }, { run: async () => undefined }, { run: async (text) => `${text}?` }]);
  expect(answer).toBe('text!?');
});

it('runs the hooks of its own point only', async () => {
  expect(await run([{ at: 'elsewhere', run: async () => 'changed' }])).toBe('text');
});

it('lets a hook refuse with a typed error', async () => {
  await expect(run([{ run: () => Promise.reject(errors.FORBIDDEN()) }])).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

it('passes over a hook that breaks, and goes on with the next', async () => {
  const answer = await run([{ run: () => Promise.reject(new Error('broken')) }, { run: async (text) => `${text}!` }]);
  expect(answer).toBe('text!');
  expect(warn).toHaveBeenCalledOnce();
});

it('passes over a hook that takes longer than its time budget', async () => {
  const answer = run([{ budgetMs: 50, run: () => new Promise(() => {}) }]);
  await vi.advanceTimersByTimeAsync(50);
  expect(await answer).toBe('text');
  expect(warn).toHaveBeenCalledWith(expect.objectContaining({ hook: 'hook 0', budgetMs: 50 }), expect.any(String));
});

it('refuses the write where the hook must not be missed', async () => {
  const broken = run([{ onFailure: 'refuse', run: () => Promise.reject(new Error('broken')) }]);
  await expect(broken).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});
