import { secondFactorErrors, Totp } from '@coucou/domain/auth/second-factor';
import { errors } from '@coucou/domain/kernel/errors';
import type { User } from '@coucou/domain/users/user';
import { OwnAccounts } from '../accounts/repositories.ts';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { SealedTokens } from '../ports/sealed-tokens.ts';
import { TotpCodes } from '../ports/second-factors.ts';
import { type UnitOfWork, unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { openChallenge } from './challenge.ts';
import { liveSessionRepositories, requireLiveSession } from './live-session.ts';
import { reauthenticate, reauthenticationPorts } from './reauthenticate.ts';
import { SecondFactors } from './repositories.ts';

export type EnrollTotp = Readonly<{ password?: string | undefined; challenge?: string | undefined }>;

const repositories = { ...liveSessionRepositories, users: Users, accounts: OwnAccounts, secondFactors: SecondFactors };
const ports = { ...reauthenticationPorts, sealed: SealedTokens, totpCodes: TotpCodes };
type Given = Ports<typeof ports> & Readonly<{ uow: UnitOfWork<Ports<typeof repositories>> }>;

/**
 * Makes the secret of an authenticator app, which asks for nothing until its first code has come (`confirmTotp`). For signed-in people, and for
 * an admin whom the account lets in only with a second factor: the challenge of their sign-in is good for this.
 */
export const enrollTotp = publicUseCase({
  name: 'auth.totpEnroll',
  deps: { uow: unitOfWork(repositories), ...ports },
  async run(given: Given, input: EnrollTotp, call) {
    const user = await whoEnrolls(given, input, call);
    const { uow, clock, totpCodes } = given;
    const owner = { account: user.accountId, userId: user.id };
    return uow.write(user.accountId, async (tx) => {
      if (input.challenge === undefined && call.actor !== undefined) await requireLiveSession(tx, call.actor);
      if (Totp.isConfirmed(await tx.secondFactors.lock(user.id))) throw secondFactorErrors.SECOND_FACTOR_EXISTS();
      const { name: service } = await tx.accounts.own();
      const { secret, uri, sealedSecret } = await totpCodes.create(owner, { service, person: user.username });
      await tx.secondFactors.put(Totp.enrol({ accountId: user.accountId, userId: user.id, sealedSecret }, clock.now()));
      return { secret, uri };
    });
  },
});

async function whoEnrolls(given: Given, { password, challenge }: EnrollTotp, call: Call): Promise<User> {
  if (challenge !== undefined) {
    const { user, content } = await openChallenge(given, call, challenge);
    if (!content.enrol) throw secondFactorErrors.CODE_INVALID();
    return user;
  }
  if (call.actor === undefined) throw errors.UNAUTHENTICATED();
  return (await reauthenticate(given, { ...call, actor: call.actor }, password, 'recent sign-in')).user;
}
