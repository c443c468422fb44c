import { ChatError } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import type { AccountRole } from '@coucou/domain/users/user';
import { describe, expect, it } from 'vitest';
import { authorize, type Guarded } from './authorize.ts';
import type { Call } from './call.ts';

type Caller = Pick<Call, 'actor' | 'program'>;

const actor: Call['actor'] = { userId: asId('u'), sessionId: asId('s') };
const key = (...scopes: string[]): Caller => ({ program: { by: 'apiKey', id: asId('k'), scopes } });

const callers: Readonly<Record<string, readonly [Caller, AccountRole | undefined]>> = {
  nobody: [{}, undefined],
  guest: [{ actor }, 'guest'],
  member: [{ actor }, 'member'],
  admin: [{ actor }, 'admin'],
  owner: [{ actor }, 'owner'],
  'who is gone': [{ actor }, undefined],
  'a key with the scope': [key('other:read', 'things:read'), undefined],
  'a key without it': [key('things:write', 'things', 'things:*', 'things:read '), undefined],
  'a key without any': [key(), undefined],
  operator: [{ program: { by: 'operator' } }, undefined],
};

function outcome(operation: Guarded, [caller, role]: readonly [Caller, AccountRole | undefined]): string {
  try {
    const authority = authorize(operation, caller, role);
    return authority === undefined ? 'allowed' : `by ${authority.by === 'person' ? authority.role : authority.by}`;
  } catch (error) {
    if (error instanceof ChatError) return error.code;
    throw error;
  }
}

const everyone = (...values: readonly string[]) => Object.fromEntries(Object.keys(callers).map((name, index) => [name, values[index]]));
const REFUSED = 'FORBIDDEN';
const SIGN_IN = 'UNAUTHENTICATED';

describe('who may call an operation', () => {
  it.each<readonly [Guarded, Readonly<Record<string, string | undefined>>]>([
    [{ access: 'public' }, everyone(...Object.keys(callers).map(() => 'allowed'))],
    [{ access: 'user' }, everyone(SIGN_IN, 'allowed', 'allowed', 'allowed', 'allowed', 'allowed', REFUSED, REFUSED, REFUSED, REFUSED)],
    [
      { access: 'admin', scope: 'things:read' },
      everyone(SIGN_IN, REFUSED, REFUSED, 'by admin', 'by owner', REFUSED, 'by apiKey', REFUSED, REFUSED, REFUSED),
    ],
    [{ access: 'admin' }, everyone(SIGN_IN, REFUSED, REFUSED, 'by admin', 'by owner', REFUSED, REFUSED, REFUSED, REFUSED, REFUSED)],
    [{ access: 'system' }, everyone(SIGN_IN, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, 'by operator')],
  ])('%j', (operation, expected) => {
    expect(Object.fromEntries(Object.entries(callers).map(([name, caller]) => [name, outcome(operation, caller)]))).toEqual(expected);
  });

  it.each<readonly [Guarded, string]>([
    [{ access: 'public' }, 'allowed'],
    [{ access: 'user', whileUnproven: true }, 'allowed'],
    [{ access: 'user' }, 'EMAIL_NOT_VERIFIED'],
    [{ access: 'admin' }, 'EMAIL_NOT_VERIFIED'],
    [{ access: 'system' }, REFUSED],
  ])('%j, of somebody who must verify their address first: %s', (operation, expected) => {
    const owner: Caller = { actor: { userId: asId('u'), sessionId: asId('s'), isUnproven: true } };
    expect(outcome(operation, [owner, 'owner'])).toBe(expected);
  });
});
