import { authErrors, type SignInMethod } from '@coucou/domain/auth/session';
import { type SecondFactorMethod, secondFactorErrors, Totp } from '@coucou/domain/auth/second-factor';
import type { Instant } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import type { User } from '@coucou/domain/users/user';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { demandsSecondFactor } from './demand-second-factor.ts';
import {
  type Authenticated,
  type Opened,
  type Opening,
  openSession,
  sessionPorts,
  sessionRepositories,
  withAccessToken,
} from './open-session.ts';
import { Passkeys, SecondFactors } from './repositories.ts';

/** Time to open the app and type its code, or to set one up. */
const CHALLENGE_SECONDS = 900;

export const signInPorts = sessionPorts;
export type SignInPorts = Ports<typeof signInPorts>;

/** The repositories that signing in by a first factor needs. */
export const signInRepositories = { ...sessionRepositories, secondFactors: SecondFactors, passkeys: Passkeys };
export type SignInRepositories = Ports<typeof signInRepositories>;

/** What a challenge says of its holder: a first factor is proven. `enrol`: they have no second one, and must set one up. */
export type ChallengeContent = Readonly<{ account: string; user: string; method: SignInMethod; securityVersion: number; enrol: boolean }>;

type Challenged = Readonly<{ challenge: string; expiresAt: Instant; methods: readonly SecondFactorMethod[]; enroll: boolean }>;
export type FirstFactor = Readonly<{ opened: Opened }> | Readonly<{ challenged: Challenged }>;

/**
 * Every way of signing in that proves one factor (password, link in a mail, identity of another issuer) ends here: it opens a session, or a
 * challenge for the second factor where the person has one or the account demands one of its admins. What proved the first factor is spent in the
 * same unit of work; present the outcome with `answerSignIn`. Throws as `openSession`.
 */
export async function passFirstFactor(
  ports: SignInPorts,
  tx: Writing<SignInRepositories>,
  user: User,
  call: Call,
  opening: Opening,
): Promise<FirstFactor> {
  const { settings } = await tx.accounts.own();
  const hasTotp = Totp.isConfirmed(await tx.secondFactors.lookup(user.id));
  const isDemanded = demandsSecondFactor(settings, user);
  if (!hasTotp && !isDemanded) return { opened: await openSession(ports, tx, user, call, opening) };
  const hasPasskey = (await tx.passkeys.list(user.id)).length > 0;
  const totp: readonly SecondFactorMethod[] = hasTotp ? ['totp', 'recovery_code'] : [];
  const methods: readonly SecondFactorMethod[] = hasPasskey ? [...totp, 'passkey'] : totp;
  const credentials = await tx.users.lookupCredentials(user.id);
  if (credentials === undefined) throw authErrors.INVALID_CREDENTIALS();
  const expiresAt = addSeconds(ports.clock.now(), CHALLENGE_SECONDS);
  const content: ChallengeContent = {
    account: user.accountId,
    user: user.id,
    method: opening.method,
    securityVersion: credentials.securityVersion,
    enrol: methods.length === 0,
  };
  return { challenged: { challenge: ports.sealed.seal('second-factor', content, expiresAt), expiresAt, methods, enroll: content.enrol } };
}

/** After the commit: the tokens, or `SECOND_FACTOR_REQUIRED` with the challenge. */
export async function answerSignIn(access: SignInPorts['access'], outcome: FirstFactor): Promise<Authenticated> {
  if ('opened' in outcome) return withAccessToken(access, outcome.opened);
  const { challenge, expiresAt, methods, enroll } = outcome.challenged;
  throw secondFactorErrors.SECOND_FACTOR_REQUIRED({ methods, enroll, challenge, challengeExpiresAt: expiresAt.toISOString() });
}
