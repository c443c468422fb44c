import type { Instant } from '@coucou/domain/kernel/ids';
import { User, userErrors } from '@coucou/domain/users/user';
import type { Kysely } from 'kysely';
import { violates } from '../kit/errors.ts';
import type { Tables } from '../tables.ts';

/** The error that a failed insert or update of a person means. */
export function takenName(error: unknown): unknown {
  if (violates(error, 'app_user_username_key')) return userErrors.USERNAME_TAKEN();
  if (violates(error, 'app_user_email_key')) return userErrors.EMAIL_TAKEN();
  return error;
}

/**
 * Throws `USERNAME_TAKEN` or `EMAIL_TAKEN` for a name that is held for somebody else. Asked after the person was written: whoever gives the
 * name up meanwhile has committed by then, since the unique index waited, and their hold is seen.
 */
export async function refuseHeld(db: Kysely<Tables>, user: User, now: Instant): Promise<void> {
  const { kind } =
    (await db
      .selectFrom('held_name')
      .select('kind')
      .where((eb) =>
        eb.or([
          eb.and([eb('kind', '=', 'username'), eb('key', '=', User.usernameKey(user.username))]),
          ...(user.email === undefined ? [] : [eb.and([eb('kind', '=', 'email'), eb('key', '=', User.emailKey(user.email))])]),
        ]),
      )
      .where('user_id', '<>', user.id)
      .where('held_until', '>', now)
      .executeTakeFirst()) ?? {};
  if (kind === 'username') throw userErrors.USERNAME_TAKEN();
  if (kind === 'email') throw userErrors.EMAIL_TAKEN();
}
