import { describe, expect, it } from 'vitest';
import { createFairQueue } from './fair-queue.ts';

/** A queue of one place that is taken: everything else waits until it is released. */
async function busyQueue(mostWaiting: number) {
  const queue = createFairQueue({ concurrency: 1, mostWaiting });
  let release = (): void => undefined;
  const blocker = queue.run('blocker', () => new Promise<void>((resolve) => (release = resolve)));
  const done: string[] = [];
  const refused: string[] = [];
  const ask = (key: string, name = key) =>
    queue.run(key, async () => void done.push(name)).catch((error: { code: string }) => void refused.push(`${name} ${error.code}`));
  const room = (key: string) => {
    try {
      queue.requireRoom(key);
      return 'room';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  return { ask, done, refused, room, drain: (asked: readonly Promise<void>[]) => (release(), Promise.all([blocker, ...asked])) };
}

const many = (count: number, ask: (index: number) => Promise<void>) => Array.from({ length: count }, (_, index) => ask(index));

describe('a fair queue', () => {
  it('lets keys take turns: one task behind 100 of another waits for one of them', async () => {
    const { ask, done, drain } = await busyQueue(500);
    await drain([...many(100, (index) => ask('flood', `flood${index}`)), ask('honest')]);
    expect(done.indexOf('honest')).toBe(1);
    expect(done.filter((name) => name !== 'honest')).toEqual(Array.from({ length: 100 }, (_, index) => `flood${index}`));
  });

  it('refuses the last of the longest line when it is full, so that there is room for others', async () => {
    const { ask, done, refused, drain } = await busyQueue(4);
    await drain([...many(5, (index) => ask('flood', `flood${index}`)), ask('ann'), ask('ben')]);
    expect(refused.toSorted()).toEqual(['flood2 OVERLOADED', 'flood3 OVERLOADED', 'flood4 OVERLOADED']);
    expect(done).toEqual(['flood0', 'ann', 'ben', 'flood1']);
  });

  it('holds no more than its limit when every key has its share', async () => {
    const { ask, done, refused, drain } = await busyQueue(3);
    await drain(many(10, (index) => ask(`key${index}`)));
    expect(done).toEqual(['key0', 'key1', 'key2']);
    expect(refused).toHaveLength(7);
  });

  it('says beforehand whom it would refuse, and refuses whom it has said that of', async () => {
    const { ask, refused, room, drain } = await busyQueue(4);
    const asked: Promise<void>[] = [];
    for (const key of ['a', 'a', 'b', 'a', 'a', 'b', 'c', 'c', 'a', 'd', 'b', 'e', 'a']) {
      const said = room(key);
      const before = refused.length;
      asked.push(ask(key, `${key} ${asked.length}`));
      await Promise.resolve();
      await Promise.resolve();
      const own = refused.slice(before).some((name) => name.startsWith(`${key} ${asked.length - 1} `));
      expect([key, asked.length, said]).toEqual([key, asked.length, own ? 'OVERLOADED' : 'room']);
    }
    expect(refused.length).toBe(asked.length - 4);
    await drain(asked);
    expect(room('a')).toBe('room');
  });

  it('gives the place of a task that failed to the next', async () => {
    const queue = createFairQueue({ concurrency: 1, mostWaiting: 1 });
    const failed = queue.run('a', () => Promise.reject(new Error('no')));
    const next = queue.run('b', async () => 'done');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('done');
    expect(await queue.run('c', async () => 'free again')).toBe('free again');
  });

  it('refuses what is too much for one key, with room for others', async () => {
    const queue = createFairQueue({ concurrency: 1, mostWaiting: 10, mostOfOne: 1 });
    const running = queue.run('ann', () => Promise.resolve('first'));
    const waiting = queue.run('ann', () => Promise.resolve('second'));
    await expect(queue.run('ann', () => Promise.resolve())).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(await Promise.all([running, waiting, queue.run('ben', () => Promise.resolve('his'))])).toEqual(['first', 'second', 'his']);
  });

  it('lets go on what runs when it is closed, and nothing else', async () => {
    const queue = createFairQueue({ concurrency: 1, mostWaiting: 10 });
    await queue.idle();
    let release = (): void => undefined;
    const running = queue.run('ann', () => new Promise<void>((resolve) => (release = resolve)));
    const waiting = queue.run('ben', () => Promise.resolve());
    queue.close(() => new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
    await expect(queue.run('eve', () => Promise.resolve())).rejects.toThrow('stopping');
    const idle = queue.idle();
    release();
    await Promise.all([running, idle]);
  });
});
