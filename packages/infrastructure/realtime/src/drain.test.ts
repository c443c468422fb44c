import type { Socket } from 'socket.io';
import { expect, test } from 'vitest';
import { connectionOf, freshConnection } from './connection.ts';
import { drain, waveOf } from './drain.ts';

type Sent = { event: string; retryAfterMs: number };

/** As much of a socket as is needed to send it away. */
class StubSocket {
  connected = true;
  readonly data = freshConnection({ client: { ip: '', userAgent: '' }, namedAccount: undefined, identity: undefined, deadline: Infinity });
  readonly conn = {};
  readonly sent: Sent[] = [];

  emit(event: string, payload: { retryAfterMs: number }): void {
    this.sent.push({ event, retryAfterMs: payload.retryAfterMs });
  }

  disconnect(): void {
    this.connected = false;
  }
}

/** Virtual time: what a wave waits is added up. */
async function drained(count: number, { busy = 0, ...options }: { busy?: number; perSecond?: number; withinMs?: number } = {}) {
  const stubs = Array.from({ length: count }, () => new StubSocket());
  const sockets = new Map(stubs.map((stub, at) => [String(at), stub as unknown as Socket]));
  for (const stub of stubs.slice(0, busy)) stub.data.calls.running = 1;
  let waitedMs = 0;
  const left: number[] = [];
  const note = () => left.push(stubs.filter(({ connected }) => connected).length);
  let turns = 0;
  await drain(
    { sockets },
    {
      ...options,
      random: () => (turns++ % 10) / 10,
      async pause(ms) {
        note();
        waitedMs += ms;
      },
    },
  );
  note();
  return { stubs, left, waitedMs };
}

test('sockets go in waves of the rate that others let in', async () => {
  const { left, waitedMs } = await drained(450, { perSecond: 500, withinMs: 5_000 });
  expect(left).toEqual([350, 250, 150, 50, 0]);
  expect(waitedMs).toBeGreaterThan(400);
  expect(waitedMs).toBeLessThan(1_200);
});

test('a wave that is all there are does not wait', async () => {
  expect(await drained(40)).toMatchObject({ left: [0], waitedMs: 0 });
  expect(await drained(0)).toMatchObject({ left: [0], waitedMs: 0 });
});

test('more than the time allows go faster', () => {
  expect(waveOf(10_000, 500, 5_000)).toBe(400);
  expect(waveOf(1_000, 500, 5_000)).toBe(100);
  expect(waveOf(0, 1, 5_000)).toBe(1);
});

test('each socket gets a retryAfterMs with jitter', async () => {
  const { stubs } = await drained(10);
  const times = stubs.map(({ sent }) => sent[0]?.retryAfterMs ?? 0);
  expect(stubs.every(({ sent }) => sent.length === 1 && sent[0]?.event === 'closing')).toBe(true);
  expect(new Set(times).size).toBe(10);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(500);
  expect(Math.max(...times)).toBeLessThanOrEqual(1_000);
});

test('one with calls that run is closed once they are answered', async () => {
  const { stubs, left } = await drained(3, { busy: 1 });
  expect(left).toEqual([1]);
  const [busy] = stubs;
  expect(busy?.sent).toEqual([]);
  connectionOf(busy as unknown as Socket).calls.whenAnswered?.();
  expect(busy).toMatchObject({ connected: false, sent: [{ event: 'closing' }] });
});

test('one that is gone by then is left alone', async () => {
  const { stubs } = await drained(1, { busy: 1 });
  const [gone] = stubs as [StubSocket];
  gone.connected = false;
  gone.data.calls.whenAnswered?.();
  expect(gone.sent).toEqual([]);
});
