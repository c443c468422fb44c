import { authErrors } from '@coucou/domain/auth/session';
import { isOverload } from '@coucou/domain/kernel/errors';
import { publicUseCase } from '../kernel/use-case.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { guessedIdentifier } from './guess-limits.ts';
import { knownDevice } from './known-device.ts';
import { withAccessToken } from './open-session.ts';
import { passSecondFactor, proofPorts, proofRepositories, type SecondFactorProof } from './second-factor-proof.ts';
import { answerSignIn, passFirstFactor } from './sign-in.ts';

export type Login = SecondFactorProof &
  Readonly<{
    identifier?: string | undefined;
    username?: string | undefined;
    email?: string | undefined;
    password: string;
    deviceToken?: string | undefined;
  }>;

/** Who has shown the right password comes in; a stronger hash of it is made at the next login. */
function unlessOverloaded(error: unknown): undefined {
  if (!isOverload(error)) throw error;
}

/** Same answer and same work whether or not the identifier exists, so that accounts cannot be enumerated. */
export const login = publicUseCase({
  name: 'auth.login',
  deps: { uow: unitOfWork(proofRepositories), hasher: PasswordHasher, ...proofPorts },
  async run({ uow, hasher, ...ports }, input: Login, call) {
    hasher.requireRoom(call.client.ip);
    const identifier = input.identifier ?? input.username ?? input.email ?? '';
    const found = await uow.read(call.account, (tx) => tx.users.lookupByIdentifier(identifier));
    const { account, client } = call;
    const { totp, recoveryCode, deviceToken } = input;
    const device = knownDevice(ports, deviceToken, found);
    const guess = { kind: 'password', account, ip: client.ip, of: guessedIdentifier(identifier), device } as const;
    const { INVALID_CREDENTIALS } = authErrors;
    const {
      user,
      passwordHash = '',
      securityVersion,
    } = await ports.guesses.attempt(guess, [INVALID_CREDENTIALS.code], async () => {
      const verified = await hasher.verify(input.password, found?.passwordHash, client.ip);
      if (found === undefined || !verified) throw INVALID_CREDENTIALS();
      return found;
    });
    const raised = hasher.needsRehash(passwordHash) ? await hasher.hash(input.password, call.client.ip).catch(unlessOverloaded) : undefined;
    const method = 'password';
    const outcome = await uow.write(call.account, async (tx) => {
      // A password that was changed while it was being verified opens nothing: the change has ended the sessions that it knew of.
      if ((await tx.credentials.lock(user.id))?.securityVersion !== securityVersion) throw INVALID_CREDENTIALS();
      if (raised !== undefined) await tx.users.updatePasswordHash(user.id, raised);
      return passFirstFactor(ports, tx, user, call, { method });
    });
    const hasProof = totp !== undefined || recoveryCode !== undefined;
    if ('opened' in outcome || !hasProof || outcome.challenged.enroll) return answerSignIn(ports.access, outcome);
    const proving = { user, method, securityVersion, proof: { totp, recoveryCode }, deviceToken } as const;
    return withAccessToken(ports.access, await passSecondFactor({ uow, ...ports }, call, proving));
  },
});
