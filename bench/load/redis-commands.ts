import { Redis } from 'ioredis';

/** By name, those that scripts run inside Redis not included. */
export type CommandCounts = Readonly<Record<string, number>>;

/** Counts the commands that clients give a Redis, by listening to all of them. It costs Redis a copy of each, so it is no part of what is timed. */
export async function countCommands(url: string): Promise<Readonly<{ take: () => CommandCounts; stop: () => void }>> {
  const redis = new Redis(url);
  const monitor = await redis.monitor();
  let counts: Record<string, number> = {};
  monitor.on('monitor', (_time: string, [name = '']: string[], source: string) => {
    if (source === 'lua') return;
    const command = name.toLowerCase();
    counts[command] = (counts[command] ?? 0) + 1;
  });
  return {
    /** Since it was asked last. */
    take() {
      const taken = counts;
      counts = {};
      return taken;
    },
    stop() {
      monitor.disconnect();
      redis.disconnect();
    },
  };
}

export const sumOf = (counts: CommandCounts): number => Object.values(counts).reduce((sum, each) => sum + each, 0);
