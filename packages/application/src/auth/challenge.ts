import { secondFactorErrors } from '@coucou/domain/auth/second-factor';
import type { User } from '@coucou/domain/users/user';
import { asId, type Instant } from '@coucou/domain/kernel/ids';
import { type Call, requireNamedAccount } from '../kernel/call.ts';
import type { Clock } from '../ports/clock.ts';
import type { SealedTokens } from '../ports/sealed-tokens.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { ChallengeContent } from './sign-in.ts';

export type Opened = Readonly<{ id: string; expiresAt: Instant; user: User; content: ChallengeContent }>;

type Given = Readonly<{ clock: Clock; sealed: SealedTokens; uow: UnitOfWork<Readonly<{ users: UserRepository }>> }>;

/** Who holds a challenge for a second factor, as long as their password and address are those of the first one. Throws `CODE_INVALID`. */
export async function openChallenge({ clock, sealed, uow }: Given, call: Call, challenge: string): Promise<Opened> {
  const opened = sealed.open<ChallengeContent>('second-factor', challenge, clock.now());
  if (opened === undefined) throw secondFactorErrors.CODE_INVALID();
  const { id, expiresAt, content } = opened;
  const account = asId<'account'>(content.account);
  requireNamedAccount(call, account);
  const found = await uow.read(account, async (tx) => ({
    user: await tx.users.lookup(asId(content.user)),
    version: (await tx.users.lookupCredentials(asId(content.user)))?.securityVersion,
  }));
  if (found.user === undefined || found.version !== content.securityVersion) throw secondFactorErrors.CODE_INVALID();
  return { id, expiresAt, user: found.user, content };
}
