import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { authActions } from '@coucou/domain/auth/audit-actions';
import { errors } from '@coucou/domain/kernel/errors';
import type { UserId } from '@coucou/domain/kernel/ids';
import { Administration } from '@coucou/domain/users/administration';
import { User, userErrors } from '@coucou/domain/users/user';
import { rankOf } from '../accounts/authority-rank.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserAdministration } from '../users/repositories.ts';
import { type Opened, openSession, sessionPorts, sessionRepositories, withAccessToken } from './open-session.ts';
import { requireRecentSignIn } from './reauthenticate.ts';

const repositories = { ...sessionRepositories, administration: UserAdministration };
type Tx = Writing<Ports<typeof repositories>>;
const deps = { uow: unitOfWork(repositories), ...sessionPorts };

/**
 * A session for somebody who signed in at the account's own system. For owners and admins it takes an owner: a key that leaks is none. The person
 * is locked, so that no session is left to somebody who gets another role meanwhile. The account may not bind its sessions: the key that the caller
 * proves is not that of the person's device.
 */
async function mint(ports: Ports<typeof sessionPorts>, tx: Tx, userId: UserId, call: AdminCall): Promise<Opened> {
  await requireRecentSignIn(ports, tx, call);
  const [user] = await tx.users.lock([userId]);
  if (user === undefined) throw userErrors.USER_NOT_FOUND();
  Administration.requireSubject(rankOf(call.authority), user.role);
  const { settings } = await tx.accounts.own();
  if (settings.boundSessions) throw errors.FORBIDDEN({ reason: 'sessions of this account are bound to keys of devices' });
  const opened = await openSession(ports, tx, user, call, { method: 'minted' });
  await recordAudit(ports, tx, call, authActions.token_minted, { target: user.id, details: { sessionId: opened.session.id } });
  return opened;
}

export const mintToken = adminUseCase({
  name: 'admin.mintToken',
  deps,
  async run({ uow, ...ports }, { userId }: Readonly<{ userId: UserId }>, call) {
    const opened = await uow.write(call.account, (tx) => mint(ports, tx, userId, call));
    return withAccessToken(ports.access, opened);
  },
});

export type MintTokenFor = Readonly<{
  externalId: string;
  /** Who it is, where nobody has this external id yet. */
  create?: Readonly<{ username: string; displayName?: string | undefined; email?: string | undefined; emailVerified: boolean }> | undefined;
}>;

export const mintTokenFor = adminUseCase({
  name: 'admin.mintTokenFor',
  deps,
  async run({ uow, ...ports }, { externalId, create }: MintTokenFor, call) {
    const opened = await uow.write(call.account, async (tx) => {
      const known = await tx.administration.findByExternalId(externalId);
      if (known !== undefined) return mint(ports, tx, known.id, call);
      if (create === undefined) throw userErrors.USER_NOT_FOUND();
      const made = {
        ...create,
        accountId: call.account,
        id: ports.ids.next<'user'>(),
        displayName: create.displayName,
        email: create.email,
      };
      const user = User.signUp({ ...made, emailVerified: create.email !== undefined && create.emailVerified, now: ports.clock.now() });
      await tx.users.add(user, undefined);
      await tx.administration.setExternalId(user.id, externalId);
      await recordAudit(ports, tx, call, accountActions.user_created, { target: user.id });
      return mint(ports, tx, user.id, call);
    });
    return withAccessToken(ports.access, opened);
  },
});
