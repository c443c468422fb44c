import { authActions } from '@coucou/domain/auth/audit-actions';
import { Passkey, passkeyErrors } from '@coucou/domain/auth/passkey';
import { asId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { recordAudit } from '../audit/record-audit.ts';
import { requireNamedAccount } from '../kernel/call.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { type CredentialResponse, PasskeyVerifier } from '../ports/passkey-verifier.ts';
import { SealedTokens } from '../ports/sealed-tokens.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { openSession, sessionPorts, sessionRepositories, withAccessToken } from './open-session.ts';
import type { PasskeyChallenge } from './passkeys.ts';
import { Passkeys } from './repositories.ts';

/** A page with conditional UI asks when it opens, and its reader signs in when they come back to it. */
const LOGIN_SECONDS = 3_600;

/** The same for everybody: which passkeys there are is known to the person's device alone. */
export const passkeyLoginOptions = publicUseCase({
  name: 'auth.passkeyLoginOptions',
  deps: { clock: Clock, sealed: SealedTokens, verifier: PasskeyVerifier },
  async run({ clock, sealed, verifier }, _input: Readonly<Record<never, never>>, { account }) {
    const content: PasskeyChallenge = { for: 'login', account };
    return verifier.requestOptions(sealed.seal('passkey-challenge', content, addSeconds(clock.now(), LOGIN_SECONDS)));
  },
});

/**
 * Signs in the owner of the passkey, without a username. It stands for both factors: the authenticator is one, and has verified its owner
 * by the other. There is nothing to guess, so nothing is limited. One answer to whatever is wrong.
 */
export const passkeyLogin = publicUseCase({
  name: 'auth.passkeyLogin',
  deps: {
    uow: unitOfWork({ ...sessionRepositories, passkeys: Passkeys }),
    verifier: PasskeyVerifier,
    ...sessionPorts,
  },
  async run({ uow, verifier, ...ports }, { credential }: Readonly<{ credential: CredentialResponse }>, call) {
    const now = ports.clock.now();
    const challenge = verifier.challengeOf(credential) ?? '';
    const claimed = ports.sealed.open<PasskeyChallenge>('passkey-challenge', challenge, now);
    if (claimed?.content.for !== 'login') throw passkeyErrors.REFUSED();
    const account = asId<'account'>(claimed.content.account);
    requireNamedAccount(call, account);
    const known = await uow.read(account, (tx) => tx.passkeys.lookupByCredential(credential.id));
    if (known === undefined || verifier.userOf(credential) !== known.userId) throw passkeyErrors.REFUSED();
    const verified = await verifier.verifyAuthentication(credential, challenge, known);
    if (verified === undefined) throw passkeyErrors.REFUSED();
    const opened = await uow.write(account, async (tx) => {
      const passkey = await tx.passkeys.lock(known.id);
      const user = await tx.users.lookup(known.userId);
      if (passkey === undefined || user === undefined) throw passkeyErrors.REFUSED();
      if (!(await tx.claims.claimOnce('passkey-challenge', claimed.id, claimed.expiresAt))) throw passkeyErrors.REFUSED();
      const used = Passkey.use(passkey, verified.counter, now);
      const details = { passkeyId: passkey.id };
      if (used === undefined) {
        await recordAudit(ports, tx, { ...call, account }, authActions.passkey_cloned, { target: user.id, details });
        return undefined;
      }
      await tx.passkeys.update(used);
      return openSession(ports, tx, user, call, { method: 'passkey', details });
    });
    if (opened === undefined) throw passkeyErrors.REFUSED();
    return withAccessToken(ports.access, opened);
  },
});
