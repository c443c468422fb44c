import { authActions } from '@coucou/domain/auth/audit-actions';
import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { RECOVERY_CODES, secondFactorErrors, Totp } from '@coucou/domain/auth/second-factor';
import type { UserId } from '@coucou/domain/kernel/ids';
import { OwnAccounts } from '../accounts/repositories.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { RefusedPasswords } from '../ports/refused-passwords.ts';
import { RecoveryCodes, TotpCodes } from '../ports/second-factors.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { requireSecondFactorLeft } from './demand-second-factor.ts';
import { liveSessionRepositories, requireLiveSession } from './live-session.ts';
import { reauthenticate, reauthenticationPorts } from './reauthenticate.ts';
import { Claims, Passkeys, SecondFactors } from './repositories.ts';
import { requirePassword } from './require-password.ts';
import { spendTotp } from './second-factor-proof.ts';

type Empty = Readonly<Record<never, never>>;
type Password = Readonly<{ password?: string | undefined }>;

const repositories = {
  ...liveSessionRepositories,
  accounts: OwnAccounts,
  users: Users,
  claims: Claims,
  passkeys: Passkeys,
  secondFactors: SecondFactors,
  auditLog: AuditLog,
};
type Repositories = Ports<typeof repositories>;

const ports = { ...reauthenticationPorts, ...auditPorts, recoveryCodes: RecoveryCodes };

/** Ten new codes, which replace all earlier ones; shown once, and kept as hashes. */
export async function issueRecoveryCodes(
  { recoveryCodes }: Readonly<{ recoveryCodes: RecoveryCodes }>,
  tx: Writing<Pick<Repositories, 'secondFactors'>>,
  { accountId: account, id: userId }: Readonly<{ accountId: UserCall['account']; id: UserId }>,
): Promise<readonly string[]> {
  const codes = recoveryCodes.generate(RECOVERY_CODES);
  await tx.secondFactors.putRecoveryCodes(
    userId,
    codes.map((code) => recoveryCodes.hash({ account, userId }, code)),
  );
  return codes;
}

/** The first code of the app, which proves that it holds the secret. */
export const confirmTotp = useCase({
  name: 'auth.totpConfirm',
  deps: { uow: unitOfWork(repositories), ...ports, totpCodes: TotpCodes },
  async run({ uow, guesses, ...given }, { code }: Readonly<{ code: string }>, call) {
    const { account, actor, client } = call;
    const guess = { kind: 'code', account, ip: client.ip, of: actor.userId, device: actor.sessionId } as const;
    return guesses.attempt(guess, [secondFactorErrors.CODE_INVALID.code], () =>
      uow.write(account, async (tx) => {
        await requireLiveSession(tx, actor);
        const totp = await tx.secondFactors.lock(actor.userId);
        if (totp === undefined) throw secondFactorErrors.SECOND_FACTOR_NOT_FOUND();
        if (Totp.isConfirmed(totp)) throw secondFactorErrors.SECOND_FACTOR_EXISTS();
        if ((await spendTotp(given, tx, totp, code)) === undefined) throw secondFactorErrors.CODE_INVALID();
        await recordAudit(given, tx, call, authActions.second_factor_added, {
          target: actor.userId,
          details: { method: 'totp' },
        });
        return { recoveryCodes: await issueRecoveryCodes(given, tx, { accountId: account, id: actor.userId }) };
      }),
    );
  },
});

/**
 * Where the account asks for longer passwords without a second factor (`nist-aal1`), it takes the password, which must be long enough to
 * stand alone.
 */
export const disableTotp = useCase({
  name: 'auth.totpDisable',
  deps: { uow: unitOfWork(repositories), ...ports, refused: RefusedPasswords },
  async run({ uow, refused, ...given }, { password }: Password, call) {
    const { user, passwordHash } = await reauthenticate(given, call, password, 'recent sign-in');
    await uow.write(call.account, async (tx) => {
      await requireLiveSession(tx, call.actor);
      const account = await tx.accounts.own();
      if (account.settings.passwordPolicy === 'nist-aal1' && passwordHash !== undefined) {
        if (password === undefined) throw mailErrors.REAUTHENTICATION_REQUIRED({ by: 'password' });
        requirePassword(refused, password, { account, owner: user, hasSecondFactor: false });
      }
      if (!(await tx.secondFactors.remove(user.id))) throw secondFactorErrors.SECOND_FACTOR_NOT_FOUND();
      await requireSecondFactorLeft(tx, user);
      await recordAudit(given, tx, call, authActions.second_factor_removed, {
        target: user.id,
        details: { method: 'totp' },
      });
    });
  },
});

export const renewRecoveryCodes = useCase({
  name: 'auth.renewRecoveryCodes',
  deps: { uow: unitOfWork(repositories), ...ports },
  async run({ uow, ...given }, { password }: Password, call) {
    const { user } = await reauthenticate(given, call, password, 'recent sign-in');
    return uow.write(call.account, async (tx) => {
      await requireLiveSession(tx, call.actor);
      if (!Totp.isConfirmed(await tx.secondFactors.lock(user.id))) throw secondFactorErrors.SECOND_FACTOR_NOT_FOUND();
      await recordAudit(given, tx, call, authActions.recovery_codes_renewed, { target: user.id });
      return { recoveryCodes: await issueRecoveryCodes(given, tx, user) };
    });
  },
});

export const listSecondFactors = useCase({
  name: 'auth.secondFactors',
  deps: { uow: unitOfWork({ secondFactors: SecondFactors, passkeys: Passkeys }) },
  run: ({ uow }, _input: Empty, { account, actor: { userId } }) =>
    uow.read(account, async (tx) => ({
      totp: Totp.isConfirmed(await tx.secondFactors.lookup(userId)),
      recoveryCodes: await tx.secondFactors.countRecoveryCodes(userId),
      passkeys: (await tx.passkeys.list(userId)).length,
    })),
});
