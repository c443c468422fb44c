import { describe, expect, it } from 'vitest';
import { asId } from '../kernel/ids.ts';
import { Session } from './session.ts';

const noon = new Date('2026-01-15T12:00:00.000Z');
const after = (seconds: number) => new Date(noon.getTime() + seconds * 1000);
const opened = Session.open({
  accountId: asId('account'),
  id: asId('session'),
  userId: asId('alice'),
  ip: '192.0.2.1',
  userAgent: 'a browser',
  method: 'password',
  tokenHash: 'hash 0',
  keyThumbprint: undefined,
  now: noon,
  lifetimes: { ttlSeconds: 60 },
});
const token = (rotation: number, tokenHash = `hash ${rotation}`) => ({ rotation, tokenHash });
const rotatedAt = (session: Session, at: Date) =>
  Session.rotate(session, { tokenHash: `hash ${session.rotation + 1}`, sealed: `sealed ${session.rotation + 1}` }, at, { ttlSeconds: 60 });

describe('a session', () => {
  it('ends its time to live after it was opened', () => {
    expect(opened).toEqual({
      accountId: 'account',
      id: 'session',
      userId: 'alice',
      ip: '192.0.2.1',
      userAgent: 'a browser',
      method: 'password',
      createdAt: noon,
      lastUsedAt: noon,
      expiresAt: after(60),
      revoked: undefined,
      rotation: 0,
      rotatedAt: noon,
      tokenHash: 'hash 0',
      previous: undefined,
      usedRotation: -1,
    });
  });

  it('moves its end with every refresh, and keeps the spent token with its successor', () => {
    expect(rotatedAt(opened, after(30))).toEqual({
      ...opened,
      lastUsedAt: after(30),
      expiresAt: after(90),
      rotation: 1,
      rotatedAt: after(30),
      tokenHash: 'hash 1',
      previous: { tokenHash: 'hash 0', sealedSuccessor: 'sealed 1' },
    });
  });
});

it('ends at its longest lifetime, however much it is used', () => {
  const lifetimes = { ttlSeconds: 60, lifetimeSeconds: 100 };
  const short = Session.rotate(opened, { tokenHash: 'hash 1', sealed: '' }, after(30), lifetimes);
  expect(short.expiresAt).toEqual(after(90));
  expect(Session.rotate(short, { tokenHash: 'hash 2', sealed: '' }, after(80), lifetimes).expiresAt).toEqual(after(100));
});

describe('a refresh token', () => {
  const once = rotatedAt(opened, noon);
  const twice = rotatedAt(once, after(100));
  const used = { ...once, usedRotation: 1 };
  const weeks = 14 * 86_400;

  it.each([
    ['the current one', opened, token(0), 0, 'rotate'],
    ['the current one, whose access token was used', used, token(1), 5, 'rotate'],
    ['one with the number of the current one', opened, token(0, 'another'), 0, 'unknown'],
    ['one from the future', opened, token(1), 0, 'unknown'],
    ['one from before the first', once, token(-1), 0, 'unknown'],
    ['one with the number of the spent one', once, token(0, 'another'), 0, 'unknown'],
    ['the spent one in the grace', once, token(0), 9, 'recover'],
    ['the spent one in the grace, though the successor was used', used, token(0), 9, 'recover'],
    ['the spent one after the grace, its successor unused', once, token(0), 11, 'recover'],
    ['the spent one weeks later, its successor unused', once, token(0), weeks, 'recover'],
    ['the spent one weeks later, an older access token used', { ...once, usedRotation: 0 }, token(0), weeks, 'recover'],
    ['the spent one at the end of the grace, its successor used', used, token(0), 10, 'replay'],
    ['an older one in the grace', twice, token(0), 101, 'replay'],
    ['an older one at any time', twice, token(0), weeks, 'replay'],
    ['an older one of any hash', twice, token(0, 'another'), 101, 'replay'],
  ] as const)('%s is good for: %#', (_, session, presented, seconds, decision) => {
    expect(Session.decideRefresh(session, presented, after(seconds), 10)).toBe(decision);
  });

  it('has no grace where none is set', () => {
    expect(Session.decideRefresh(used, token(0), noon, 0)).toBe('replay');
  });
});
