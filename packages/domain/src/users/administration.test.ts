import { describe, expect, it } from 'vitest';
import { ChatError } from '../kernel/errors.ts';
import { Administration, type AdminRank } from './administration.ts';
import type { AccountRole } from './user.ts';

const roles: readonly AccountRole[] = ['owner', 'admin', 'member', 'guest'];

function outcome(work: () => void): string {
  try {
    work();
    return 'allowed';
  } catch (error) {
    if (error instanceof ChatError) return error.code;
    throw error;
  }
}

describe('who administers whom', () => {
  it.each<[AdminRank, readonly string[]]>([
    ['owner', ['allowed', 'allowed', 'allowed', 'allowed']],
    ['admin', ['FORBIDDEN', 'FORBIDDEN', 'allowed', 'allowed']],
  ])('%s: owner, admin, member, guest', (by, expected) => {
    expect(roles.map((role) => outcome(() => Administration.requireSubject(by, role)))).toEqual(expected);
    expect(roles.map((role) => outcome(() => Administration.requireSuspension(by, { role }, 1)))).toEqual(expected);
  });

  it.each<[AdminRank, AccountRole, AccountRole, number, string]>([
    ['owner', 'member', 'owner', 1, 'allowed'],
    ['owner', 'owner', 'admin', 1, 'allowed'],
    ['owner', 'owner', 'admin', 0, 'LAST_OWNER'],
    ['owner', 'owner', 'owner', 0, 'allowed'],
    ['admin', 'member', 'admin', 1, 'FORBIDDEN'],
    ['admin', 'member', 'owner', 1, 'FORBIDDEN'],
    ['admin', 'owner', 'member', 1, 'FORBIDDEN'],
    ['owner', 'guest', 'member', 1, 'CONFLICT'],
  ])('%s: from %s to %s with %i other owners: %s', (by, from, to, others, expected) => {
    expect(outcome(() => Administration.requireRoleChange(by, { role: from }, to, others))).toBe(expected);
  });

  it('leaves an account an owner', () => {
    expect(outcome(() => Administration.requireSuspension('owner', { role: 'owner' }, 0))).toBe('LAST_OWNER');
    expect(outcome(() => Administration.requireSuspension('owner', { role: 'admin' }, 0))).toBe('allowed');
  });
});
