import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import pino from 'pino';
import { expect, test, vi } from 'vitest';
import { Links, STEPS } from './links.ts';
import { PlainConnection } from './plain-connection.ts';
import type { GuardedWebSocket } from './web-socket.ts';

/** Connections over stubs, in a time that the test sets. */
function stage(authenticateTimeoutMs = 1_000_000) {
  const counter = noMetrics.counter(catalogue.eventsDelivered, { transport: 'websocket' });
  const links = new Links({
    mostBuffered: 1_000,
    mostPayload: 1_000,
    authenticateTimeoutMs,
    heartbeat: { intervalMs: 25_000, timeoutMs: 20_000 },
    strangers: { enter: () => true, leave: () => {} },
    refusedConnections: counter,
    clientOf: () => ({ ip: '192.0.2.1' }),
    delivered: counter,
    log: pino({ level: 'silent' }),
  });
  const start = Date.now();
  function begin() {
    const ws = Object.assign(new EventEmitter(), {
      bufferedAmount: 0,
      send: () => {},
      close: () => {},
      ping: vi.fn<() => void>(),
      terminate: vi.fn<() => void>(() => ws.emit('close')),
    });
    const request = { socket: { remoteAddress: '192.0.2.1' } } as IncomingMessage;
    const options = { ...links.options, errorBody: () => ({}), maxPayload: 1_000, delivered: counter };
    const connection = new PlainConnection('plain', ws as unknown as GuardedWebSocket, request, options);
    links.begin(connection);
    return { ws, connection };
  }
  /** One round, in one moment; `each` runs after each step. */
  function round(afterMs: number, each = () => {}): void {
    for (let step = 0; step < STEPS; step += 1) {
      links.sweep(start + afterMs);
      each();
    }
  }
  return { links, begin, round };
}

test('a peer that does not let itself be closed is cut off, and forgotten', () => {
  const { links, begin, round } = stage();
  const { ws, connection } = begin();
  connection.close();
  round(1_000);
  round(5_000);
  expect([ws.terminate.mock.calls.length, links.size]).toEqual([0, 1]);
  round(7_000);
  expect(ws.terminate.mock.calls.length).toBeGreaterThan(0);
  expect(links.size).toBe(0);
});

test('who connects no socket in time is closed', () => {
  const { begin, round } = stage(10_000);
  const { connection } = begin();
  round(9_000);
  expect(connection.readyState).toBe('open');
  round(11_000);
  expect(connection.readyState).toBe('closing');
});

test('who ends by a mistake just before the time is over is cut off as well', () => {
  const { begin, round } = stage(10_000);
  const { ws, connection } = begin();
  // As Engine.IO leaves it after what it cannot read: closed for itself, while the peer is still to answer.
  Object.defineProperty(connection, 'readyState', { value: 'closed' });
  round(11_000);
  expect(ws.terminate).toHaveBeenCalled();
});

test('connections that began at once are asked in ten steps, each once', () => {
  const { begin, round } = stage();
  const all = Array.from({ length: 100 }, begin);
  const asked = () => all.reduce((sum, { ws }) => sum + ws.ping.mock.calls.length, 0);
  const after: number[] = [];
  round(26_000, () => after.push(asked()));
  expect(after).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
});
