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
    expect(User.searchKey(one)).toBe(User.searchKey(other));
    expect(User.emailKey(`${one}@example.com`)).toBe(User.emailKey(`${other}@example.com`));
  });

  it.each([
    ['capitals of Greek', 'ΝΙΚΟΣ', 'νικοσ'],
    ['capitals of German', 'STRASSE', 'straße'],
    ['accents', 'alìce', 'alice'],
    ['strokes', 'Łukasz', 'lukasz'],
  ])('do not depend on %s, but in addresses', (_, one, other) => {
    expect(User.usernameKey(one)).toBe(User.usernameKey(other));
    expect(User.searchKey(one)).toBe(User.searchKey(other));
  });

  it('tell different names and mailboxes apart', () => {
    expect(User.usernameKey('alice')).not.toBe(User.usernameKey('alicia'));
    expect(User.usernameKey('al.ice')).not.toBe(User.usernameKey('alice'));
    expect(User.emailKey('josé@example.com')).not.toBe(User.emailKey('jose@example.com'));
  });

  it('do not depend on blanks around or between the words of a name that is sought', () => {
    expect(User.searchKey('  山田\u3000 太郎 ')).toBe('山田 太郎');
    expect(User.searchKey('ــ\u0301')).toBe('');
  });
});
