import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import { expect } from 'vitest';
import { ids } from '../../support/fixtures.ts';
import type { TestApp } from '../../support/test-app.ts';

/** The code, or `in`. */
export const outcome = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'in',
    (error: unknown) => {
      if (error instanceof ChatError && error.kind !== 'internal') return error.code;
      throw error;
    },
  );

type Details = { methods: string[]; enroll: boolean; challenge: string };
export async function challengeOf(attempt: Promise<unknown>): Promise<Details> {
  const error = await attempt.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'SECOND_FACTOR_REQUIRED' });
  return (error as { details: Details }).details;
}

/** An admin called alice, with the password of somebody who is there. */
export const addAdmin = (app: TestApp, account: AccountId, somebody: User): Promise<void> =>
  app.uow.write(account, async (tx) => {
    const known = await tx.users.lookupCredentials(somebody.id);
    const admin: User = { ...somebody, id: ids.next(), username: 'alice', email: 'alice@example.com', role: 'admin' };
    await tx.users.add(admin, known?.passwordHash);
  });
