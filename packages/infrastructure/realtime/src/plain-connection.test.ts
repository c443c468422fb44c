import { metrics } from '@coucou/application/metrics/catalogue';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect, test, vi } from 'vitest';
import { broadcast } from './broadcast.ts';
import { PlainConnection } from './plain-connection.ts';
import type { GuardedWebSocket } from './web-socket.ts';

function open(mostBuffered = 1_000) {
  const ws = Object.assign(new EventEmitter(), {
    bufferedAmount: 0,
    send: vi.fn<(...args: unknown[]) => void>(),
    sendFrame: vi.fn<(...args: unknown[]) => void>(),
    close: vi.fn<(...args: unknown[]) => void>(),
    countIdleFrame: () => {},
    ping: vi.fn<(...args: unknown[]) => void>(),
    terminate: vi.fn<(...args: unknown[]) => void>(),
    pause: vi.fn<(...args: unknown[]) => void>(),
    resume: vi.fn<(...args: unknown[]) => void>(),
  });
  const onOverflow = vi.fn<(...args: unknown[]) => void>();
  const request = { socket: { remoteAddress: '::1' } } as IncomingMessage;
  const connection = new PlainConnection('plain-1', ws as unknown as GuardedWebSocket, request, {
    errorBody: ({ code }) => ({ code }),
    onOverflow,
    onFlood: () => {},
    onTooLarge: () => {},
    delivered: noMetrics.counter(metrics.eventsDelivered, { transport: 'websocket' }),
    mostBuffered,
    maxPayload: 65_536,
  });
  const beatAt = (now: number) => connection.beat(now, { intervalMs: 25_000, timeoutMs: 20_000 });
  return { ws, connection, onOverflow, beatAt, start: Date.now() };
}

test('a silent peer is pinged once, and given up when it does not answer', () => {
  const { ws, beatAt, start } = open();
  beatAt(start + 20_000);
  expect(ws.ping).toHaveBeenCalledTimes(0);
  beatAt(start + 26_000);
  beatAt(start + 27_000);
  expect(ws.ping).toHaveBeenCalledTimes(1);
  ws.emit('pong');
  beatAt(start + 26_500 + 20_000);
  expect(ws.ping).toHaveBeenCalledTimes(2);
  expect(ws.terminate).toHaveBeenCalledTimes(0);
  beatAt(start + 26_500 + 41_000);
  expect(ws.terminate).toHaveBeenCalledTimes(1);
});

test('a peer that is not read from is not taken for silent', () => {
  const { ws, connection, beatAt, start } = open();
  connection.pause();
  beatAt(start + 26_000);
  beatAt(start + 60_000);
  expect(ws.ping).toHaveBeenCalledTimes(0);
  connection.resume();
  expect(ws.resume).toHaveBeenCalledTimes(1);
  beatAt(start + 60_000);
  expect(ws.terminate).toHaveBeenCalledTimes(0);
});

test('a broadcast is encoded once for all connections', () => {
  const [one, two] = [open(), open()];
  const followers = [one, two].map(({ connection }) => ({ conn: connection }));
  broadcast(followers, 'message:new', '{}', false);
  const [first] = one.ws.sendFrame.mock.calls[0] ?? [];
  expect(String((first as Buffer).subarray(2))).toBe('["message:new",{}]');
  expect(two.ws.sendFrame.mock.calls[0]?.[0]).toBe(first);
});

test('what may be dropped is not sent to who has something waiting', () => {
  const [busy, idle] = [open(), open()];
  busy.ws.bufferedAmount = 1;
  const followers = [busy, idle].map(({ connection }) => ({ conn: connection }));
  broadcast(followers, 'typing', '{}', true);
  expect(busy.ws.sendFrame).toHaveBeenCalledTimes(0);
  expect(idle.ws.sendFrame).toHaveBeenCalledTimes(1);
});

test('packets of Socket.IO become frames', () => {
  const { ws, connection } = open();
  connection.write('0{"sid":"x"}');
  connection.write('2["typing",{"a":[1]}]');
  connection.write('37[{"ok":true,"data":["]"]}]');
  connection.write('1');
  expect(ws.send.mock.calls.map(([frame]) => frame)).toEqual(['["typing",{"a":[1]}]', '["ack",7,{"ok":true,"data":["]"]}]']);
});

test('too much that waits is reported once', () => {
  const { ws, connection, onOverflow } = open();
  connection.write('2["a"]');
  expect(onOverflow).toHaveBeenCalledTimes(0);
  ws.bufferedAmount = 1_001;
  connection.write('2["a"]');
  connection.write('2["a"]');
  expect(onOverflow).toHaveBeenCalledTimes(1);
});

test('what a client calls an operation is not echoed at any length', () => {
  const { ws } = open();
  ws.emit('message', Buffer.from(JSON.stringify(['x'.repeat(60_000), {}])), false);
  ws.emit('message', Buffer.from(JSON.stringify(['x'.repeat(60_000), {}, 'no id'])), false);
  const frames = ws.send.mock.calls.map(([frame]) => JSON.parse(String(frame)));
  expect(frames.map(([name, { operation, error }]) => [name, operation.length, error.code])).toEqual([
    ['error', 100, 'UNAUTHENTICATED'],
    ['error', 100, 'VALIDATION_FAILED'],
  ]);
});
