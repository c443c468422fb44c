import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { dataOf, type SocketClient } from '../../support/clients.ts';
import type { Payload } from '../../support/event-log.ts';
import { atNode, type Person } from '../../support/people.ts';

/** A socket that writes down when it is told what. */
export type Listener = Readonly<{
  name: string;
  socket: SocketClient;
  arrived: readonly Readonly<{ name: string; at: number; payload: Payload }>[];
  /** Undefined while it is open. */
  closedAt: () => number | undefined;
}>;

export async function listen(person: Person, url: string, transport: SocketClient['transport']): Promise<Listener> {
  const socket = atNode(person, url).socket(transport);
  const arrived: { name: string; at: number; payload: Payload }[] = [];
  const record = socket.events.record.bind(socket.events);
  socket.events.record = (name, payload) => {
    arrived.push({ name, at: performance.now(), payload });
    record(name, payload);
  };
  let closedAt: number | undefined;
  void socket.closed.then(() => (closedAt = performance.now()));
  await socket.connect();
  return { name: `${person.name} at ${new URL(url).port} over ${transport}`, socket, arrived, closedAt: () => closedAt };
}

const PAUSE_MS = 120;

export type Talk = Readonly<{
  conversationId: string;
  /** Shared by all who talk there: they read what the others sent, which another node does not tell them while Redis is away. */
  newest: { seq: number };
  random: () => number;
  /** Whether to send nothing: only a message makes a node ask at once who is left. */
  isQuiet: () => boolean;
}>;

/** Types, sends, marks as read, goes away and comes back in a conversation, again and again, until it is told to stop. */
export async function talk({ socket }: Listener, { conversationId, newest, random, isQuiet }: Talk, stopping: AbortSignal): Promise<void> {
  for (let round = 0; !stopping.aborted; round += 1) {
    dataOf(await socket.call('typing', { conversationId, isTyping: true }));
    if (isQuiet()) dataOf(await socket.call('typing', { conversationId, isTyping: false }));
    else {
      // Ends the typing, so that the next start is shown at once.
      const { seq } = dataOf(
        await socket.call('message:send', { conversationId, content: `round ${round}`, clientMessageId: randomUUID() }),
      );
      newest.seq = Math.max(newest.seq, seq);
    }
    dataOf(await socket.call('message:ack', { items: [{ conversationId, readSeq: newest.seq }] }));
    dataOf(await socket.call('presence:set', { status: round % 2 === 0 ? 'away' : 'online' }));
    await pause(PAUSE_MS * 2 * random());
  }
}
