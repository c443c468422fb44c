import argon2 from 'argon2';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPasswordHasher } from './password-hasher.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const password = 'correct horse battery';
const HOME = '192.0.2.1';

describe('the password hasher', () => {
  it('verifies what it hashed, and nothing else', async () => {
    const hasher = createPasswordHasher({ concurrency: 2 });
    const hash = await hasher.hash(password, HOME);
    expect(await hasher.verify(password, hash, HOME)).toBe(true);
    expect(await hasher.verify(`${password}!`, hash, HOME)).toBe(false);
  });

  it('salts: the same password has another hash each time', async () => {
    const hasher = createPasswordHasher({ concurrency: 2 });
    expect(await hasher.hash(password, HOME)).not.toBe(await hasher.hash(password, HOME));
  });

  it('takes the same letters typed in another way for the same', async () => {
    const hasher = createPasswordHasher({ concurrency: 2 });
    expect(await hasher.verify('cafe\u0301 au lait', await hasher.hash('caf\u00e9 au lait', HOME), HOME)).toBe(true);
  });

  it('does the same work for somebody unknown, and says no, whatever they type', async () => {
    const hasher = createPasswordHasher({ concurrency: 2 });
    const hash = await hasher.hash(password, HOME);
    const verify = vi.spyOn(argon2, 'verify');
    await hasher.verify(password, hash, HOME);
    expect(await hasher.verify(password, undefined, HOME)).toBe(false);
    expect(await hasher.verify('nobody has this password', undefined, HOME)).toBe(false);
    const digests = verify.mock.calls.map(([digest]) => digest);
    const costs = digests.map((digest) => digest.split('$').slice(0, 4));
    expect(digests).toHaveLength(3);
    expect(new Set(costs.map(String)).size).toBe(1);
  });

  it('asks for another hash when the cost has risen', async () => {
    const hasher = createPasswordHasher({ concurrency: 1 });
    expect(hasher.needsRehash(await hasher.hash(password, HOME))).toBe(false);
    expect(hasher.needsRehash(await argon2.hash(password, { type: argon2.argon2id, memoryCost: 1024, timeCost: 2, parallelism: 1 }))).toBe(
      true,
    );
  });

  it('works on a few at once and lets a few wait; who comes then is told to come again', async () => {
    let running = 0;
    let most = 0;
    const turns: (() => void)[] = [];
    vi.spyOn(argon2, 'hash').mockImplementation(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => turns.push(resolve));
      running -= 1;
      return 'a hash';
    });
    // The first is its own: the hash that stands for nobody's.
    const hasher = createPasswordHasher({ concurrency: 2, queueLimit: 3 });
    const attempts = Array.from({ length: 6 }, () => hasher.hash(password, HOME));
    const settled = Promise.allSettled(attempts);
    for (let done = 0; done < 5; done += 1) {
      turns.shift()?.();
      await vi.waitFor(() => expect(turns.length).toBe(Math.min(2, 4 - done)));
    }
    expect(most).toBe(2);
    expect((await settled).map((attempt) => (attempt.status === 'fulfilled' ? attempt.value : attempt.reason.code))).toEqual([
      'a hash',
      'a hash',
      'a hash',
      'a hash',
      'OVERLOADED',
      'OVERLOADED',
    ]);
    expect(await Promise.race([hasher.hash(password, HOME), Promise.resolve('it goes on')])).toBe('it goes on');
  });

  it('takes turns between addresses, and takes those of one IPv6 network for one', async () => {
    const turns: (() => void)[] = [];
    const worked: string[] = [];
    vi.spyOn(argon2, 'hash').mockImplementation(async (plain) => {
      worked.push(String(plain));
      await new Promise<void>((resolve) => turns.push(resolve));
      return 'a hash';
    });
    const hasher = createPasswordHasher({ concurrency: 1 });
    const flood = Array.from({ length: 20 }, (_, host) => hasher.hash(`wrong ${host}`, `2001:db8:1:2::${host + 1}`));
    const honest = hasher.hash('honest', '2001:db8:9::1');
    // Its own first, then these.
    for (let done = 0; done <= flood.length + 1; done += 1) {
      await vi.waitFor(() => expect(turns).toHaveLength(1));
      turns.shift()?.();
    }
    await Promise.all([...flood, honest]);
    expect(worked.slice(0, 4)).toEqual(['nobody has this password', 'wrong 0', 'honest', 'wrong 1']);
  });

  it('gives the place of one that failed to the next', async () => {
    const hash = vi.spyOn(argon2, 'hash');
    const hasher = createPasswordHasher({ concurrency: 1 });
    hash.mockRejectedValueOnce(new Error('out of memory'));
    await expect(hasher.hash(password, HOME)).rejects.toThrow('out of memory');
    expect(await hasher.verify(password, await hasher.hash(password, HOME), HOME)).toBe(true);
  });
});
