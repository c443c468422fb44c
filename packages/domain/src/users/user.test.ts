import { describe, expect, it } from 'vitest';
import { asId } from '../kernel/ids.ts';
import { User } from './user.ts';

const signUp = (displayName?: string) =>
  User.signUp({
    accountId: asId('account'),
    id: asId('alice'),
    username: 'Alice',
    email: 'Alice@Example.com',
    displayName,
    now: new Date('2026-01-15T12:00:00.000Z'),
  });

describe('a new user', () => {
  it('keeps name and address as typed, unverified, as a plain member', () => {
    expect(signUp()).toMatchObject({ username: 'Alice', email: 'Alice@Example.com', emailVerified: false, role: 'member' });
  });

  it('is called by their username until they say otherwise', () => {
    expect(signUp().displayName).toBe('Alice');
    expect(signUp('Alice in Paris').displayName).toBe('Alice in Paris');
  });
});

describe('the keys by which people are found', () => {
  it.each([
    ['case', 'ALICE', 'alice'],
    ['composition', 'zoe\u0308', 'zo\u00eb'],
    ['full-width letters', '\uff41lice', 'alice'],
    ['ligatures', '\ufb01ona', 'fiona'],
  ])('do not depend on %s', (_, one, other) => {
    expect(User.usernameKey(one)).toBe(User.usernameKey(other));
    expect(User.emailKey(`${one}@example.com`)).toBe(User.emailKey(`${other}@example.com`));
  });

  it('tell different names apart', () => {
    expect(User.usernameKey('alice')).not.toBe(User.usernameKey('alìce'));
  });
});
