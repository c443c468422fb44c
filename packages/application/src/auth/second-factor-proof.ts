import { authActions } from '@coucou/domain/auth/audit-actions';
import { secondFactorErrors, Totp } from '@coucou/domain/auth/second-factor';
import type { SignInMethod } from '@coucou/domain/auth/session';
import type { Instant } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import type { User } from '@coucou/domain/users/user';
import { recordAudit } from '../audit/record-audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { RecoveryCodes, TotpCodes } from '../ports/second-factors.ts';
import type { UnitOfWork, Writing } from '../ports/unit-of-work.ts';
import { GuessLimits } from './guess-limits.ts';
import { knownDevice } from './known-device.ts';
import { type Opened, openSession } from './open-session.ts';
import { Claims, Credentials } from './repositories.ts';
import { signInPorts, signInRepositories, type SignInRepositories } from './sign-in.ts';

/** One of the two. */
export type SecondFactorProof = Readonly<{ totp?: string | undefined; recoveryCode?: string | undefined }>;

export const proofPorts = { ...signInPorts, totpCodes: TotpCodes, recoveryCodes: RecoveryCodes, guesses: GuessLimits };
type ProofPorts = Ports<typeof proofPorts>;
export const proofRepositories = { ...signInRepositories, claims: Claims, credentials: Credentials };
type ProofRepositories = Ports<typeof proofRepositories>;

/** The step of a code is past when its neighbour is; whatever a clock says, the row remembers the newest one. */
const STEP_KEPT_SECONDS = 300;
/** A spent recovery code is gone from its table as well. */
const RECOVERY_KEPT_SECONDS = 86_400;

type ProofTx = Writing<Pick<ProofRepositories, 'secondFactors' | 'claims'>>;

/** The app of a person after this code, once for each code; undefined where the code is wrong or spent. */
export async function spendTotp(
  { totpCodes, clock }: Pick<ProofPorts, 'totpCodes' | 'clock'>,
  tx: ProofTx,
  totp: Totp,
  code: string,
): Promise<Totp | undefined> {
  const { accountId: account, userId } = totp;
  const now = clock.now();
  const step = await totpCodes.stepOf({ account, userId }, totp.sealedSecret, code, now);
  const used = step === undefined ? undefined : Totp.use(totp, step, now);
  if (used === undefined || !(await tx.claims.claimOnce('totp-step', `${userId}:${step}`, addSeconds(now, STEP_KEPT_SECONDS))))
    return undefined;
  await tx.secondFactors.update(used);
  return used;
}

async function spendRecoveryCode(
  { recoveryCodes, clock }: ProofPorts,
  tx: ProofTx,
  { accountId: account, id: userId }: User,
  code: string,
) {
  const hash = recoveryCodes.hash({ account, userId }, code);
  if (!(await tx.secondFactors.spendRecoveryCode(userId, hash))) return false;
  return tx.claims.claimOnce('recovery-code', hash, addSeconds(clock.now(), RECOVERY_KEPT_SECONDS));
}

/** Which second factor was proven; undefined where the code is wrong, or there is no app. */
async function prove(ports: ProofPorts, tx: ProofTx, user: User, { totp: code, recoveryCode = '' }: SecondFactorProof) {
  const totp = await tx.secondFactors.lock(user.id);
  if (!Totp.isConfirmed(totp)) return undefined;
  if (code !== undefined) return (await spendTotp(ports, tx, totp, code)) && 'totp';
  return (await spendRecoveryCode(ports, tx, user, recoveryCode)) ? 'recovery_code' : undefined;
}

export type Proving = Readonly<{
  user: User;
  method: SignInMethod;
  /** When the first factor was proven. */
  securityVersion: number;
  proof: SecondFactorProof;
  deviceToken: string | undefined;
  /** The challenge that is answered; absent where the first factor came with the same call. */
  challenge?: Readonly<{ id: string; expiresAt: Instant }>;
}>;

/** Opens a session by a second factor. Throws `CODE_INVALID`, or `RATE_LIMITED` after too many wrong ones. */
export async function passSecondFactor(
  { uow, ...ports }: ProofPorts & Readonly<{ uow: UnitOfWork<ProofRepositories> }>,
  call: Call,
  { user, method, securityVersion, proof, deviceToken, challenge }: Proving,
): Promise<Opened> {
  const kind = proof.totp === undefined ? 'recovery' : 'code';
  const { accountId: account } = user;
  const device = knownDevice(ports, deviceToken, { user, securityVersion });
  const guess = { kind, account, ip: call.client.ip, of: user.id, device } as const;
  return ports.guesses.attempt(guess, [secondFactorErrors.CODE_INVALID.code], async () => {
    const opened = await uow.write(account, async (tx) => {
      if ((await tx.credentials.lock(user.id))?.securityVersion !== securityVersion) throw secondFactorErrors.CODE_INVALID();
      const secondFactor = await prove(ports, tx, user, proof);
      if (secondFactor === undefined) {
        await recordAudit(ports, tx, { ...call, account }, authActions.second_factor_failed, {
          target: user.id,
          details: { method, kind },
        });
        return undefined;
      }
      // Thrown inside, so that the code is good for another challenge.
      if (challenge !== undefined && !(await tx.claims.claimOnce('second-factor', challenge.id, challenge.expiresAt)))
        throw secondFactorErrors.CODE_INVALID();
      if (secondFactor === 'recovery_code') await recordRecovery(ports, tx, call, user);
      return openSession(ports, tx, user, call, { method, details: { secondFactor } });
    });
    if (opened === undefined) throw secondFactorErrors.CODE_INVALID();
    return opened;
  });
}

async function recordRecovery(ports: ProofPorts, tx: Writing<SignInRepositories>, call: Call, { accountId: account, id: userId }: User) {
  const left = await tx.secondFactors.countRecoveryCodes(userId);
  await recordAudit(ports, tx, { ...call, account }, authActions.recovery_code_used, { target: userId, details: { left } });
}
