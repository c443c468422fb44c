import { Redis } from 'ioredis';
import type { Scenario, Stage } from '../harness/run-scenario.ts';

/** What happens to Redis; the sockets of the clients stay open meanwhile. */

const HEALED_MS = 5_000;

async function withRedis(url: string, work: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  await redis.connect();
  try {
    await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** Nobody loses their connection to a node, and whoever missed something has it soon after Redis is back. */
export async function whileAway({ devices, measure, caughtUp, finding }: Stage, away: () => Promise<void>): Promise<void> {
  const connects = () => devices.reduce((sum, device) => sum + device.connects(), 0);
  const before = connects();
  await away();
  measure('everybody complete once Redis is back', await caughtUp(), HEALED_MS);
  if (connects() > before) finding(`${connects() - before} connections were made anew, though Redis alone was away`);
}

export const redisScenarios: readonly Scenario[] = [
  {
    name: 'Redis stopped for 20 s',
    inSmoke: true,
    disturb: (stage) =>
      whileAway(stage, async () => {
        await stage.redis.kill();
        await stage.lasting(20_000);
        await stage.redis.restart();
      }),
  },
  {
    name: 'Redis stopped for 20 s, and nobody sends any more once it is back',
    disturb: (stage) =>
      whileAway(stage, async () => {
        await stage.redis.kill();
        await stage.lasting(20_000);
        // No later event shows anybody that they have missed one.
        await stage.traffic.stop();
        await stage.redis.restart();
      }),
  },
  {
    name: 'Redis hung for 10 s (CLIENT PAUSE)',
    disturb: (stage) =>
      whileAway(stage, async () => {
        await withRedis(stage.redis.url, async (redis) => void (await redis.client('PAUSE', stage.scaled(10_000), 'ALL')));
        await stage.lasting(10_000);
      }),
  },
  {
    name: 'Redis emptied, five times',
    disturb: (stage) =>
      whileAway(stage, () =>
        withRedis(stage.redis.url, async (redis) => {
          for (let time = 0; time < 5; time += 1) {
            await redis.flushall();
            await stage.lasting(1_000);
          }
        }),
      ),
  },
  {
    name: 'subscribers of Redis killed every 2 s',
    disturb: (stage) =>
      whileAway(stage, () =>
        withRedis(stage.redis.url, async (redis) => {
          for (let time = 0; time < 6; time += 1) {
            await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
            await stage.lasting(2_000);
          }
        }),
      ),
  },
  {
    name: 'the way of one node to Redis swallows everything for 10 s',
    disturb: (stage) =>
      whileAway(stage, async () => {
        const [, { toRedis }] = stage.nodes;
        toRedis.swallow();
        await stage.lasting(10_000);
        toRedis.mend();
      }),
  },
  {
    name: 'foreign publishers on the channels',
    inSmoke: true,
    async disturb(stage) {
      // Each word of the nodes again, cut short, and changed in one place; and what was never one.
      const heard: Buffer[] = [];
      await withRedis(stage.redis.url, async (listener) => {
        listener.on('pmessageBuffer', (_, __, message: Buffer) => void (heard.length < 400 && heard.push(message)));
        await listener.psubscribe('*');
        await withRedis(stage.redis.url, async (publisher) => {
          await stage.lasting(2_000);
          const channels = (await publisher.pubsub('CHANNELS', '*')) as string[];
          if (channels.length === 0 || heard.length === 0) stage.finding('no node published anything');
          for (const [at, message] of heard.splice(0).entries()) {
            const changed = Buffer.from(message);
            changed[Math.floor(stage.random() * changed.length)] = Math.floor(stage.random() * 256);
            for (const channel of channels)
              for (const forged of [message, message.subarray(0, message.length / 2), changed, JSON.stringify({ version: at })])
                await publisher.publish(channel, forged);
          }
        });
      });
      stage.measure('everybody complete', await stage.caughtUp());
    },
  },
];
