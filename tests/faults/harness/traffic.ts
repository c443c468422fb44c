import { setTimeout as pause } from 'node:timers/promises';
import type { Device } from './device.ts';
import type { Population } from './population.ts';

export type Traffic = Readonly<{
  /** No more new messages; waits until each is stored, refused, or in doubt for good. */
  stop: () => Promise<void>;
}>;

/** What each device does from time to time: mostly it sends, sometimes it reads. One thing after the other, so that its order is known. */
export function startTraffic({ devices, groups, membersOf, random }: Population, pauseMs: number): Traffic {
  const stopping = new AbortController();
  const givingUp = new AbortController();

  async function use(device: Device): Promise<void> {
    const own = groups.filter((group) => membersOf(group).some(({ id }) => id === device.user));
    for (let sent = 1; !stopping.signal.aborted; ) {
      await pause(pauseMs * (0.5 + random()), undefined, { signal: stopping.signal }).catch(() => {});
      const conversation = own[Math.floor(random() * own.length)];
      if (conversation === undefined || stopping.signal.aborted) return;
      if (random() < 0.1) {
        await device.read(conversation, 0);
      } else {
        // Whoever was removed or signed out has nothing more to do here; the others of the person have.
        if ((await device.send(conversation, `${device.client} ${sent}`, givingUp.signal)) === 'fail')
          own.splice(own.indexOf(conversation), 1);
        sent += 1;
      }
    }
  }
  const users = devices.map(use);
  return {
    async stop() {
      stopping.abort();
      const late = setTimeout(() => givingUp.abort(), 20_000);
      await Promise.all(users);
      clearTimeout(late);
    },
  };
}
