import { expect, it } from 'vitest';
import { createCommonRedis } from './common-redis.ts';

function setUp() {
  let at = 0;
  const state = { own: 'a' as string | undefined, others: [] as string[], noted: [] as (string | undefined)[] };
  const lines: string[] = [];
  const say = (line: unknown) => void lines.push(String(line));
  const common = createCommonRedis({
    run: { id: 'run', node: 'node' },
    store: {
      noteRedis: async (_run, id) => {
        state.noted.push(id);
        return state.others;
      },
    },
    redisId: async () => state.own ?? Promise.reject(new Error('away')),
    log: { error: say, info: say },
    now: () => at,
  });
  /** Beats every two seconds, and says how ready it was after each. */
  async function pass(seconds: number): Promise<string[]> {
    const statuses: string[] = [];
    for (let beat = 0; beat < seconds / 2; beat += 1) {
      at += 2_000;
      await common.beat();
      statuses.push((await common.check.check()).status);
    }
    return statuses;
  }
  return { state, lines, pass };
}

it('is down when others see another Redis for several seconds, and up as soon as they see the same, which the log says once each', async () => {
  const { state, lines, pass } = setUp();
  expect(await pass(4)).toEqual(['up', 'up']);
  state.others = ['a', 'b'];
  expect(await pass(14)).toEqual(['up', 'up', 'up', 'up', 'down', 'down', 'down']);
  state.others = ['a'];
  expect(await pass(4)).toEqual(['up', 'up']);
  expect(lines).toEqual([expect.stringMatching(/^nodes .+ different Redis servers/), expect.stringMatching(/use one Redis again$/)]);
});

it('stays up while nodes see one after the other that their Redis was emptied', async () => {
  const { state, lines, pass } = setUp();
  state.others = ['b'];
  expect(await pass(6)).toEqual(['up', 'up', 'up']);
  state.own = 'b';
  expect(await pass(20)).toEqual(Array.from({ length: 10 }, () => 'up'));
  expect(lines).toEqual([]);
});

it('says nothing of others while it sees no Redis, and writes so', async () => {
  const { state, pass } = setUp();
  state.others = ['b'];
  state.own = undefined;
  expect(await pass(20)).toEqual(Array.from({ length: 10 }, () => 'up'));
  expect(new Set(state.noted)).toEqual(new Set([undefined]));
});
