import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { Administration } from '@coucou/domain/users/administration';
import type { AccountRole } from '@coucou/domain/users/user';
import type { Access, Authority, Call } from './call.ts';

export type Guarded = Readonly<{ access: Access; scope?: string | undefined; whileUnproven?: true | undefined }>;

/**
 * Whether a caller may call an operation, and by what right where that is administration. `role`: the caller's, as the database has it now.
 * Throws `UNAUTHENTICATED` for nobody, `FORBIDDEN` for the wrong one, and `EMAIL_NOT_VERIFIED` for somebody who must verify their address first.
 */
export function authorize(
  operation: Guarded,
  caller: Pick<Call, 'actor' | 'program'>,
  role: AccountRole | undefined,
): Authority | undefined {
  const authority = authorityOf(operation, caller, role);
  if (caller.actor?.isUnproven === true && operation.access !== 'public' && operation.whileUnproven !== true)
    throw authErrors.EMAIL_NOT_VERIFIED();
  return authority;
}

function authorityOf(
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
