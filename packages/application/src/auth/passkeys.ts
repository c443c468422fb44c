import { authActions } from '@coucou/domain/auth/audit-actions';
import { MOST_PASSKEYS, type Passkey, passkeyErrors, type PasskeyId } from '@coucou/domain/auth/passkey';
import { addSeconds } from '@coucou/domain/kernel/time';
import { OwnAccounts } from '../accounts/repositories.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { type CredentialResponse, PasskeyVerifier } from '../ports/passkey-verifier.ts';
import { SealedTokens } from '../ports/sealed-tokens.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { requireSecondFactorLeft, secondFactorRepositories } from './demand-second-factor.ts';
import { liveSessionRepositories, requireLiveSession } from './live-session.ts';
import { reauthenticate, reauthenticationPorts } from './reauthenticate.ts';
import { Claims, Passkeys } from './repositories.ts';
import { requireWayIn, wayInPorts, wayInRepositories } from './require-way-in.ts';

/** To find the security key and touch it. */
const REGISTRATION_SECONDS = 900;

export type PasskeyChallenge =
  | Readonly<{ for: 'registration'; account: string; user: string }>
  | Readonly<{ for: 'login'; account: string }>;

type Empty = Readonly<Record<never, never>>;

const repositories = {
  ...liveSessionRepositories,
  accounts: OwnAccounts,
  claims: Claims,
  passkeys: Passkeys,
  auditLog: AuditLog,
};
const ports = { ...reauthenticationPorts, ...auditPorts, sealed: SealedTokens, verifier: PasskeyVerifier };

/** What a browser makes a passkey by. Takes a recent sign-in or the password, since a passkey opens everything by itself. */
export const passkeyRegisterOptions = useCase({
  name: 'auth.passkeyRegisterOptions',
  deps: { uow: unitOfWork(repositories), ...ports },
  async run({ uow, sealed, verifier, ...given }, { password }: Readonly<{ password?: string | undefined }>, call) {
    const { user } = await reauthenticate(given, call, password, 'recent sign-in');
    const { known, service } = await uow.read(call.account, async (tx) => ({
      known: await tx.passkeys.list(user.id),
      service: (await tx.accounts.own()).name,
    }));
    if (known.length >= MOST_PASSKEYS) throw passkeyErrors.LIMIT_REACHED({ limit: MOST_PASSKEYS });
    const content: PasskeyChallenge = { for: 'registration', account: call.account, user: user.id };
    const challenge = sealed.seal('passkey-challenge', content, addSeconds(given.clock.now(), REGISTRATION_SECONDS));
    return verifier.creationOptions({ challenge, service, user, known });
  },
});

export type RegisterPasskey = Readonly<{ credential: CredentialResponse; name: string }>;

/** The challenge says who asked for it, with what right and when; it is good once. */
export const passkeyRegister = useCase({
  name: 'auth.passkeyRegister',
  deps: { uow: unitOfWork(repositories), ...auditPorts, sealed: SealedTokens, verifier: PasskeyVerifier },
  async run({ uow, sealed, verifier, ...given }, { credential, name }: RegisterPasskey, call): Promise<Passkey> {
    const { account, actor } = call;
    const now = given.clock.now();
    const challenge = verifier.challengeOf(credential) ?? '';
    const opened = sealed.open<PasskeyChallenge>('passkey-challenge', challenge, now);
    const content = opened?.content;
    if (content?.for !== 'registration' || content.account !== account || content.user !== actor.userId) throw passkeyErrors.INVALID();
    const verified = await verifier.verifyRegistration(credential, challenge);
    if (opened === undefined || verified === undefined) throw passkeyErrors.INVALID();
    return uow.write(account, async (tx) => {
      // Locks the person, so that the limit holds for registrations at once.
      await requireLiveSession(tx, actor);
      if (!(await tx.claims.claimOnce('passkey-challenge', opened.id, opened.expiresAt))) throw passkeyErrors.INVALID();
      if ((await tx.passkeys.list(actor.userId)).length >= MOST_PASSKEYS) throw passkeyErrors.LIMIT_REACHED({ limit: MOST_PASSKEYS });
      const passkey: Passkey = {
        ...verified,
        accountId: account,
        id: given.ids.next<'passkey'>(),
        userId: actor.userId,
        name,
        createdAt: now,
        lastUsedAt: undefined,
      };
      // Another person's, or this one's already: a second row would say whose it is.
      if (!(await tx.passkeys.add(passkey))) throw passkeyErrors.INVALID();
      const { userId } = actor;
      await recordAudit(given, tx, call, authActions.passkey_added, { target: userId, details: { passkeyId: passkey.id } });
      return passkey;
    });
  },
});

export const listPasskeys = useCase({
  name: 'auth.passkeys',
  deps: { uow: unitOfWork({ passkeys: Passkeys }) },
  run: ({ uow }, _input: Empty, { account, actor }) => uow.read(account, (tx) => tx.passkeys.list(actor.userId)),
});

/** By a recent sign-in or the password: a stolen session is not to shut its owner out. */
export const removePasskey = useCase({
  name: 'auth.removePasskey',
  deps: {
    uow: unitOfWork({ ...repositories, ...wayInRepositories, ...secondFactorRepositories }),
    ...reauthenticationPorts,
    ...auditPorts,
    ...wayInPorts,
  },
  async run({ uow, ...given }, { passkeyId, password }: Readonly<{ passkeyId: PasskeyId; password?: string | undefined }>, call) {
    const { user } = await reauthenticate(given, call, password, 'recent sign-in');
    const { userId } = call.actor;
    await uow.write(call.account, async (tx) => {
      await requireLiveSession(tx, call.actor);
      if (!(await tx.passkeys.remove(userId, passkeyId))) throw passkeyErrors.NOT_FOUND();
      await requireWayIn(given, tx, userId);
      await requireSecondFactorLeft(tx, user);
      await recordAudit(given, tx, call, authActions.passkey_removed, { target: userId, details: { passkeyId } });
    });
  },
});
