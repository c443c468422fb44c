import { describe, expect, it } from 'vitest';
import { asId } from '../kernel/ids.ts';
import { Session } from './session.ts';

const noon = new Date('2026-01-15T12:00:00.000Z');
const opened = Session.open({
  accountId: asId('account'),
  id: asId('session'),
  userId: asId('alice'),
  ip: '192.0.2.1',
  userAgent: 'a browser',
  now: noon,
  ttlSeconds: 60,
});

describe('a session', () => {
  it('ends its time to live after it was opened', () => {
    expect(opened).toEqual({
      accountId: 'account',
      id: 'session',
      userId: 'alice',
      ip: '192.0.2.1',
      userAgent: 'a browser',
      createdAt: noon,
      lastUsedAt: noon,
      expiresAt: new Date('2026-01-15T12:01:00.000Z'),
      revokedAt: undefined,
    });
  });

  it('moves its end with every use, and nothing else', () => {
    const later = new Date('2026-01-15T12:00:30.000Z');
    expect(Session.renew(opened, later, 60)).toEqual({ ...opened, lastUsedAt: later, expiresAt: new Date('2026-01-15T12:01:30.000Z') });
  });
});
