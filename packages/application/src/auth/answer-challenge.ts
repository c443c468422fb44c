import { authActions } from '@coucou/domain/auth/audit-actions';
import { secondFactorErrors, Totp } from '@coucou/domain/auth/second-factor';
import { recordAudit } from '../audit/record-audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { type UnitOfWork, unitOfWork } from '../ports/unit-of-work.ts';
import { type Opened as OpenedChallenge, openChallenge } from './challenge.ts';
import { type Authenticated, openSession, withAccessToken } from './open-session.ts';
import { passSecondFactor, proofPorts, proofRepositories, type SecondFactorProof, spendTotp } from './second-factor-proof.ts';
import { issueRecoveryCodes } from './totp.ts';

export type AnswerChallenge = SecondFactorProof & Readonly<{ challenge: string; deviceToken?: string | undefined }>;

/** `recoveryCodes`: where an authenticator app has just been set up. */
export type Answered = Authenticated & Readonly<{ recoveryCodes?: readonly string[] }>;

type Given = Ports<typeof proofPorts> & Readonly<{ uow: UnitOfWork<Ports<typeof proofRepositories>> }>;

/** The second step of a sign-in. A challenge opens one session; a wrong code leaves it good until it expires. */
export const answerChallenge = publicUseCase({
  name: 'auth.secondFactor',
  deps: { uow: unitOfWork(proofRepositories), ...proofPorts },
  async run(given: Given, { challenge, deviceToken, ...proof }: AnswerChallenge, call): Promise<Answered> {
    const opened = await openChallenge(given, call, challenge);
    if (opened.content.enrol) return finishEnrolment(given, opened, proof.totp ?? '', call);
    const { user, id, expiresAt, content } = opened;
    const proving = {
      user,
      method: content.method,
      securityVersion: content.securityVersion,
      proof,
      deviceToken,
      challenge: { id, expiresAt },
    };
    return withAccessToken(given.access, await passSecondFactor(given, call, proving));
  },
});

/** An admin sets up the app that the account demands, and is in. */
async function finishEnrolment({ uow, guesses, ...given }: Given, challenge: OpenedChallenge, code: string, call: Call): Promise<Answered> {
  const { user, id, expiresAt, content } = challenge;
  const guess = { kind: 'code', account: user.accountId, ip: call.client.ip, of: user.id } as const;
  const { opened, recoveryCodes } = await guesses.attempt(guess, [secondFactorErrors.CODE_INVALID.code], () =>
    uow.write(user.accountId, async (tx) => {
      if ((await tx.credentials.lock(user.id))?.securityVersion !== content.securityVersion) throw secondFactorErrors.CODE_INVALID();
      const totp = await tx.secondFactors.lock(user.id);
      // Set up since, by somebody who knows the password as well: that app is asked from now on.
      if (totp === undefined || Totp.isConfirmed(totp)) throw secondFactorErrors.CODE_INVALID();
      if ((await spendTotp(given, tx, totp, code)) === undefined) throw secondFactorErrors.CODE_INVALID();
      if (!(await tx.claims.claimOnce('second-factor', id, expiresAt))) throw secondFactorErrors.CODE_INVALID();
      const details = { method: 'totp' };
      await recordAudit(given, tx, { ...call, account: user.accountId }, authActions.second_factor_added, { target: user.id, details });
      const codes = await issueRecoveryCodes(given, tx, user);
      const session = await openSession(given, tx, user, call, { method: content.method, details: { secondFactor: 'totp' } });
      return { opened: session, recoveryCodes: codes };
    }),
  );
  return { ...(await withAccessToken(given.access, opened)), recoveryCodes };
}
