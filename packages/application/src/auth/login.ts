import { authErrors } from '@coucou/domain/auth/session';
import { publicUseCase } from '../kernel/use-case.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { guessedIdentifier, GuessLimits } from './guess-limits.ts';
import { knownDevice } from './known-device.ts';
import { openSession, sessionPorts, sessionRepositories, withAccessToken } from './open-session.ts';
import { Credentials } from './repositories.ts';

export type Login = Readonly<{
  identifier?: string | undefined;
  username?: string | undefined;
  email?: string | undefined;
  password: string;
  deviceToken?: string | undefined;
}>;

/** Same answer and same work whether or not the identifier exists, so that accounts cannot be enumerated. */
export const login = publicUseCase({
  name: 'auth.login',
  deps: {
    uow: unitOfWork({ ...sessionRepositories, users: Users, credentials: Credentials }),
    hasher: PasswordHasher,
    guesses: GuessLimits,
    ...sessionPorts,
  },
  async run({ uow, hasher, guesses, ...ports }, input: Login, call) {
    const identifier = input.identifier ?? input.username ?? input.email ?? '';
    const found = await uow.read(call.account, (tx) => tx.users.lookupByIdentifier(identifier));
    const { account, client } = call;
    const device = knownDevice(ports, input.deviceToken, found?.user);
    const guess = { kind: 'password', account, ip: client.ip, of: guessedIdentifier(identifier), device } as const;
    const {
      user,
      passwordHash = '',
      securityVersion,
    } = await guesses.attempt(guess, [authErrors.INVALID_CREDENTIALS.code], async () => {
      const verified = await hasher.verify(input.password, found?.passwordHash, client.ip);
      if (found === undefined || !verified) throw authErrors.INVALID_CREDENTIALS();
      return found;
    });
    const raised = hasher.needsRehash(passwordHash) ? await hasher.hash(input.password, call.client.ip) : undefined;
    const opened = await uow.write(call.account, async (tx) => {
      // A password that was changed while it was being verified opens nothing: the change has ended the sessions that it knew of.
      if ((await tx.credentials.lock(user.id))?.securityVersion !== securityVersion) throw authErrors.INVALID_CREDENTIALS();
      if (raised !== undefined) await tx.users.updatePasswordHash(user.id, raised);
      return openSession(ports, tx, user, call, { method: 'password' });
    });
    return withAccessToken(ports.access, opened);
  },
});
