import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SimulatedDevice } from './device.ts';
import type { Population } from './population.ts';

export type WorkloadOptions = Readonly<{
  devices: readonly SimulatedDevice[];
  population: Population;
  random: () => number;
  isOver: () => boolean;
  /** Every call of a client waits for so many milliseconds, on average. */
  pauseMs: number;
}>;

type Known = Readonly<{ id: string; conversationId: string; seq: number; senderId: string }>;
type Act = (device: SimulatedDevice) => Promise<unknown>;

/** What people do, each device one thing after the other. */
export async function work({ devices, population, random, isOver, pauseMs }: WorkloadOptions): Promise<Readonly<{ blocks: number }>> {
  const { people, groups } = population;
  const [owner] = people;
  const messages: Known[] = [];
  let texts = 0;
  let blocks = 0;
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  /** Somebody who is not the owner, who stays. */
  const other = () => oneOf(people.slice(1)).id;
  const about =
    (act: (device: SimulatedDevice, message: Known) => Promise<unknown>): Act =>
    async (device) => {
      if (messages.length > 0) await act(device, oneOf(messages));
    };
  const byOwner =
    (operation: string, input: (userId: string) => object): Act =>
    async (device) => {
      if (device.user === owner?.id) await device.call(operation, { conversationId: oneOf(groups), ...input(other()) });
    };
  const say =
    (more: () => object): Act =>
    async (device) => {
      texts += 1;
      const conversationId = oneOf(groups);
      const sent = await device.send(conversationId, randomUUID(), `text ${texts}.`, more(), isOver);
      if (sent !== undefined) messages.push({ id: sent.id, conversationId, seq: sent.seq, senderId: sent.senderId });
    };
  const own = (device: SimulatedDevice, act: (message: Known) => Promise<unknown>): Promise<unknown> | undefined => {
    const sent = messages.filter(({ senderId }) => senderId === device.user);
    return sent.length === 0 ? undefined : act(oneOf(sent));
  };

  const acts: readonly (readonly [weight: number, Act])[] = [
    [10, say(() => ({}))],
    [2, say(() => ({ mentions: [oneOf(people).id] }))],
    [
      3,
      async (device) =>
        own(device, async ({ id }) => {
          const current = await device.call('messages.get', { messageId: id });
          if (current?.ok && current.data.content !== undefined)
            await device.call('messages.edit', { messageId: id, content: `${current.data.content} and more` });
        }),
    ],
    [1, async (device) => own(device, ({ id }) => device.call('messages.delete', { messageId: id, for: 'everyone' }))],
    [3, about((device, { id }) => device.call('reactions.put', { messageId: id, emoji: oneOf(['👍', '🎉']) }))],
    [1, about((device, { id }) => device.call('reactions.delete', { messageId: id, emoji: oneOf(['👍', '🎉']) }))],
    [3, about((device, { conversationId, seq }) => device.call('receipts.mark', { items: [{ conversationId, readSeq: seq }] }))],
    [2, byOwner('members.remove', (userId) => ({ userId }))],
    [4, byOwner('members.add', (userId) => ({ userIds: [userId] }))],
    [
      1,
      async (device) => {
        const userId = oneOf(people).id;
        if (userId === device.user) return;
        blocks += 1;
        await device.call(random() < 0.5 ? 'blocks.put' : 'blocks.delete', { userId });
      },
    ],
    [1, async (device) => device.cut()],
    [1, (device) => device.sync()],
    [1, (device) => device.read(oneOf(groups))],
  ];
  const total = acts.reduce((sum, [weight]) => sum + weight, 0);
  async function live(device: SimulatedDevice): Promise<void> {
    while (!isOver()) {
      await pause(pauseMs * 2 * random());
      let left = random() * total;
      const [, act] = acts.find(([weight]) => (left -= weight) < 0) ?? [0, undefined];
      if (!isOver()) await act?.(device);
    }
  }
  await Promise.all(devices.map(live));
  return { blocks };
}
