import { hookPoint } from '@coucou/application/kernel/hook';
import type { UserCall } from '@coucou/application/kernel/call';
import { errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

it('runs those that come first before the others', async () => {
  const hooks = ['a', 'b', 'c', 'd'].map((name) => ({ run: async (text: unknown) => `${text}${name}` }));
  expect(await run(hooks.map((hook, at) => ({ ...hook, ...(at % 2 === 1 && { order: 'first' as const }) })))).toBe('textbdac');
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

describe('a value that can be changed in place', () => {
  const message = hookPoint<{ text: string; tags: string[] }>('message');
  const hooksOf = (...runs: ((value: { text: string; tags: string[] }) => Promise<unknown>)[]) =>
    createHooks(
      runs.map((each, index) => ({ name: `hook ${index}`, at: message.name, budgetMs: 50, run: (value) => each(value as never) })),
      { warn },
    );

  it('is each hook’s own after a write, and nobody else’s', async () => {
    const value = { text: 'text', tags: ['a'] };
    const seen: unknown[] = [];
    hooksOf(
      async (mine) => void mine.tags.push('b'),
      async (mine) => void seen.push(mine),
    ).notify(message, value, call);
    await vi.advanceTimersByTimeAsync(0);
    expect([value, seen]).toEqual([{ text: 'text', tags: ['a'] }, [{ text: 'text', tags: ['a'] }]]);
  });

  it('is shared where it cannot be copied', async () => {
    const stream = { text: 'text', tags: [], read: () => 'bytes' };
    const seen: unknown[] = [];
    hooksOf(async (mine) => void seen.push(mine)).notify(message, stream, call);
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual([stream]);
  });

  it('is none that is not one any more: such an answer counts as broken', async () => {
    expect(await hooksOf(async () => true).run(message, { text: 'text', tags: [] }, call)).toEqual({ text: 'text', tags: [] });
    expect(warn).toHaveBeenCalledOnce();
  });
});
