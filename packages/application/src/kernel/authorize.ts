import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { Administration } from '@coucou/domain/users/administration';
import type { AccountRole } from '@coucou/domain/users/user';
import type { Access, Actor, Authority, Call } from './call.ts';

export type Guarded = Readonly<{ access: Access; scope?: string | undefined }>;

/**
 * Whether a caller may call an operation, and by what right where that is administration. `role`: the caller's, as the database has it now.
 * Throws `UNAUTHENTICATED` for nobody, and `FORBIDDEN` for the wrong one.
 */
export function authorize(
  { access, scope }: Guarded,
  { actor, program }: Pick<Call, 'actor' | 'program'>,
  role: AccountRole | undefined,
): Authority | undefined {
  if (access === 'public') return undefined;
  if (actor === undefined && program === undefined) throw errors.UNAUTHENTICATED();
  switch (access) {
    case 'user':
      if (actor === undefined) throw errors.FORBIDDEN({ reason: 'an API key acts for the account, not as a person' });
      return undefined;
    case 'admin':
      if (actor !== undefined) {
        if (!Administration.administers(role)) throw errors.FORBIDDEN({ reason: 'for owners and admins of the account' });
        return { by: 'person', userId: actor.userId, role };
      }
      if (scope === undefined) throw errors.FORBIDDEN({ reason: 'for people only' });
      if (program?.by !== 'apiKey' || !program.scopes.includes(scope)) throw errors.FORBIDDEN({ scope });
      return program;
    case 'system':
      if (program?.by !== 'operator') throw errors.FORBIDDEN({ reason: 'for the operator, by the system key' });
      return program;
  }
}

/** What concerns a person's own sign-in, and their leaving. */
const isOwnAffair = (operation: string): boolean =>
  operation.startsWith('auth.') || operation === 'users.deleteMe' || operation === 'users.exportMe';

/** Throws `EMAIL_NOT_VERIFIED` for somebody whose account wants their mailbox proven first. */
export function requireProven({ name, access }: Readonly<{ name: string; access: Access }>, actor: Actor | undefined): void {
  if (actor?.isUnproven === true && access !== 'public' && !isOwnAffair(name)) throw authErrors.EMAIL_NOT_VERIFIED();
}
