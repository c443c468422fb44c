import type { SystemRepository } from '@coucou/application/ports/system-repository';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import { LONGEST_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { createAccountDirectory } from './account-directory.ts';

/** Accounts under their own keys. While held, each transaction waits for the test to let it end. */
function storage({ keys = [], held = true }: { keys?: readonly string[]; held?: boolean }) {
  const asked: (readonly string[])[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const lookupAccounts: SystemRepository['lookupAccounts'] = async (wanted) => {
    asked.push(wanted);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    if (held) await gate.promise;
    return keys
      .filter((key) => wanted.includes(key))
      .map((key) => ({ id: asId(`id of ${key}`), name: key, clientKey: key, createdAt: new Date() }));
  };
  const system: Transactions['system'] = (_reason, work) => work({ lookupAccounts } as SystemRepository);
  return { directory: createAccountDirectory({ system }), asked, gates };
}

const range = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

describe('the account directory', () => {
  it('asks with one transaction at a time, however many keys arrive, and once for each', async () => {
    const { directory, asked, gates } = storage({ keys: ['real'] });
    const first = directory.byClientKey('real');
    const others = [...range(500, 'random'), 'real', 'random-0'].map((key) => directory.byClientKey(key));
    expect(asked).toEqual([['real']]);
    gates[0]?.resolve();
    expect(await first).toBe('id of real');
    await expect.poll(() => asked.length).toBe(2);
    gates[1]?.resolve();
    const answers = await Promise.all(others);
    expect(answers.filter((id) => id !== undefined)).toEqual(['id of real']);
    expect(asked).toEqual([['real'], range(500, 'random')]);
  });

  it('keeps the accounts it found, whatever is asked for after them', async () => {
    const { directory, asked } = storage({ keys: ['real'], held: false });
    const ask = (...keys: string[]) => Promise.all(keys.map((key) => directory.byClientKey(key)));
    await ask('real');
    for (let round = 0; round < 15; round += 1) await ask(...range(999, `random-${round}`));
    const before = asked.length;
    expect(await directory.byClientKey('real')).toBe('id of real');
    expect(asked).toHaveLength(before);
  });

  it('refuses when too many keys wait, and looks for no key that is longer than any', async () => {
    const { directory, asked, gates } = storage({});
    const running = directory.byClientKey('running');
    const waiting = range(1_000, 'random').map((key) => directory.byClientKey(key));
    await expect(directory.byClientKey('one more')).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(await directory.byClientKey('x'.repeat(LONGEST_CLIENT_KEY + 1))).toBeUndefined();
    gates[0]?.resolve();
    await running;
    await expect.poll(() => gates.length).toBe(2);
    gates[1]?.resolve();
    await Promise.all(waiting);
    expect(asked.map((keys) => keys.length)).toEqual([1, 1_000]);
  });

  it('answers a failure to those who waited for it, and asks again afterwards', async () => {
    const { directory, asked, gates } = storage({ keys: ['real'] });
    const failed = directory.byClientKey('real');
    gates[0]?.reject(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    const again = directory.byClientKey('real');
    expect(asked).toHaveLength(2);
    gates[1]?.resolve();
    expect(await again).toBe('id of real');
  });
});
