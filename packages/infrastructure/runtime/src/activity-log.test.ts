import { noMetrics } from '@coucou/application/metrics/no-metrics';
import type { LoggedConnection } from '@coucou/domain/activity/connection';
import type { PresenceEntry } from '@coucou/domain/activity/presence-entry';
import { asId } from '@coucou/domain/kernel/ids';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createActivityLog } from './activity-log.ts';
import { createIds } from './ids.ts';

const account = asId<'account'>('a');
const connection = {
  account,
  userId: asId<'user'>('alice'),
  sessionId: asId<'session'>('phone'),
  transport: 'polling',
  ip: '192.0.2.1',
  userAgent: 'test',
} as const;

function opened() {
  const written: { connections: LoggedConnection[][]; presence: PresenceEntry[][]; asked: string[] } = {
    connections: [],
    presence: [],
    asked: [],
  };
  const state = { isAway: false };
  const log = createActivityLog({
    store: {
      writeConnections: async (_run, rows) => void written.connections.push([...rows]),
      writePresence: async (rows) => void written.presence.push([...rows]),
      async seen() {
        if (state.isAway) throw new Error('away');
        written.asked.push('seen');
      },
      closeGone: async () => written.asked.push('close') && 0,
      leave: async () => void written.asked.push('leave'),
    },
    node: 'node-1',
    clock: { now: () => new Date() },
    ids: createIds(),
    metrics: noMetrics,
    log: { warn: () => {}, info: () => {} },
  });
  return { log, written, state };
}

describe('the logs of one node', () => {
  it('write one row for a connection that ended before it was written, else one more for its end', async () => {
    const { log, written } = opened();
    const short = log.connected(connection);
    const long = log.connected(connection);
    short({ transport: 'websocket', reason: 'client_closed' });
    await log.flush();
    long({ transport: 'polling', reason: 'ping_timeout' });
    await log.flush();
    expect(written.connections.map((rows) => rows.map(({ transport, ended }) => [transport, ended?.reason]))).toEqual([
      [
        ['websocket', 'client_closed'],
        ['polling', undefined],
      ],
      [['polling', 'ping_timeout']],
    ]);
    expect(written.connections[0]?.[1]?.id).toBe(written.connections[1]?.[0]?.id);
  });

  it('write one statement for all changes of presence since the last', async () => {
    const { log, written } = opened();
    const at = new Date();
    const device = { id: asId<'session'>('phone'), type: 'mobile', status: 'away' } as const;
    log.presenceChanged([{ account, userId: asId('alice'), devices: [device], at }]);
    log.presenceChanged([{ account, userId: asId('bob'), devices: [], at }]);
    await log.flush();
    expect(written.presence.map((rows) => rows.map(({ userId, status }) => [userId, status]))).toEqual([
      [
        ['alice', 'away'],
        ['bob', 'offline'],
      ],
    ]);
  });

  it('sign off when they close', async () => {
    const { log, written } = opened();
    log.connected(connection);
    await log.close();
    expect([written.connections.length, written.asked]).toEqual([1, ['leave']]);
  });
});

describe('other nodes', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('are taken for gone only by one that could have heard of them for as long', async () => {
    const { log, written, state } = opened();
    await log.beat();
    vi.advanceTimersByTime(59_000);
    await log.beat();
    expect(written.asked).toEqual(['seen', 'seen']);
    vi.advanceTimersByTime(1_000);
    await log.beat();
    expect(written.asked.splice(0)).toEqual(['seen', 'seen', 'seen', 'close']);

    state.isAway = true;
    await expect(log.beat()).rejects.toThrow('away');
    state.isAway = false;
    await log.beat();
    vi.advanceTimersByTime(59_000);
    await log.beat();
    expect(written.asked).toEqual(['seen', 'seen']);
  });
});
