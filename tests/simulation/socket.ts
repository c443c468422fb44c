import { EventEmitter } from 'node:events';
import type { PlainSocket } from '@coucou/realtime/plain-connection';
import type { Faults } from './faults.ts';
import type { Place, Scheduler } from './time/scheduler.ts';

/** One end of a simulated WebSocket. */
export type ClientEnd = Readonly<{ send: (text: string) => void; close: () => void; cut: () => void; isOpen: () => boolean }>;

export type SocketOptions = Readonly<{
  scheduler: Scheduler;
  random: () => number;
  faults: Faults;
  node: Place;
  client: Place;
  /** Hands the server's end to the node, before any message that the client sends arrives there. */
  accept: (server: PlainSocket) => void;
  onText: (text: string) => void;
  onClose: (code: number) => void;
}>;

const ABNORMAL = 1006;

/** Of a whole frame of the server's, which is not masked. */
function textOf(frame: Buffer): string {
  const length = frame[1] ?? 0;
  return frame.subarray(length === 127 ? 10 : length === 126 ? 4 : 2).toString();
}

/** A WebSocket between a client and a node: in order on each way, and late. Cut, it loses what is on its way. */
export function openSocket({ scheduler, random, faults, node, client, accept, onText, onClose }: SocketOptions): ClientEnd {
  let isOpen = true;
  let isPaused = false;
  const held: string[] = [];
  const last = { up: 0, down: 0 };
  const later = (way: 'up' | 'down', work: () => void) => {
    const at = Math.max(scheduler.now + 0.2 + random() * faults.clientMs, last[way]);
    last[way] = at + 0.001;
    scheduler.after(at - scheduler.now, way === 'up' ? node : client, work);
  };
  const server = new EventEmitter() as EventEmitter & Record<string, unknown>;
  const end = (code: number, inOrder: boolean) => {
    if (!isOpen) return;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      scheduler.after(random() * faults.clientMs, node, () => server.emit('close'));
      scheduler.after(random() * faults.clientMs, client, () => onClose(code));
    };
    if (inOrder) later('down', close);
    else close();
  };
  const receive = (text: string) => {
    if (isPaused) held.push(text);
    else server.emit('message', Buffer.from(text), false);
  };
  Object.assign(server, {
    bufferedAmount: 0,
    maxPayload: 0,
    owner: undefined,
    countIdleFrame: () => {},
    probe: () => {},
    ping: () => later('down', () => later('up', () => isOpen && server.emit('pong'))),
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
      // What finds it paused again waits again, in its order.
      for (const text of held.splice(0)) receive(text);
    },
    send: (data: string | Buffer) => later('down', () => isOpen && onText(data.toString())),
    sendFrame: (frame: Buffer) => later('down', () => isOpen && onText(textOf(frame))),
    close: (code = 1_005) => end(code, true),
    terminate: () => end(ABNORMAL, false),
  });
  later('up', () => isOpen && accept(server as unknown as PlainSocket));
  return {
    send: (text) => later('up', () => isOpen && receive(text)),
    close: () => end(1_000, false),
    cut: () => end(ABNORMAL, false),
    isOpen: () => isOpen,
  };
}
