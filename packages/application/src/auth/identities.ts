import { authActions } from '@coucou/domain/auth/audit-actions';
import { type Identity, type IdentityId, identityErrors } from '@coucou/domain/auth/identity';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { IdentityProviders } from '../ports/identity-providers.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { liveSessionRepositories, requireLiveSession } from './live-session.ts';
import { oauthPorts, openCode, type PresentedCode } from './oauth-flow.ts';
import { linkIdentity as link } from './person-of-identity.ts';
import { reauthenticate, reauthenticationPorts } from './reauthenticate.ts';
import { Claims, Identities } from './repositories.ts';
import { requireWayIn, wayInPorts, wayInRepositories } from './require-way-in.ts';

type Password = Readonly<{ password?: string | undefined }>;

/** `provider`: the one of the identity's issuer, where this server has one. */
export type NamedIdentity = Identity & Readonly<{ provider: string | undefined }>;

const named = ({ list }: IdentityProviders, identity: Identity): NamedIdentity => ({
  ...identity,
  provider: list.find(({ issuer }) => issuer === identity.issuer)?.id,
});

export const listIdentities = useCase({
  name: 'auth.listIdentities',
  deps: { uow: unitOfWork({ identities: Identities }), providers: IdentityProviders },
  run: async ({ uow, providers }, _input: Readonly<Record<never, never>>, { account, actor }) =>
    (await uow.read(account, (tx) => tx.identities.list(actor.userId))).map((identity) => named(providers, identity)),
});

/** Links what the code stands for to who is signed in, by a recent sign-in or the password: it signs them in from then on. */
export const linkIdentity = useCase({
  name: 'auth.linkIdentity',
  deps: {
    uow: unitOfWork({ ...liveSessionRepositories, identities: Identities, claims: Claims, auditLog: AuditLog }),
    ...oauthPorts,
    ...reauthenticationPorts,
    ...auditPorts,
  },
  async run({ uow, ...ports }, input: PresentedCode & Password, call): Promise<Readonly<{ identity: NamedIdentity; existed: boolean }>> {
    const { id, expiresAt, content } = openCode(ports, input, call);
    if (content.account !== call.account) throw identityErrors.OAUTH_CODE_INVALID();
    const { user } = await reauthenticate(ports, call, input.password, 'recent sign-in');
    return uow.write(call.account, async (tx) => {
      if (!(await tx.claims.claimOnce('oauth-code', id, expiresAt))) throw identityErrors.OAUTH_CODE_INVALID();
      await requireLiveSession(tx, call.actor);
      const known = await tx.identities.lookup(content.identity.issuer, content.identity.subject);
      if (known?.userId === user.id) return { identity: named(ports.providers, known), existed: true };
      return { identity: named(ports.providers, await link(ports, tx, user, content.identity, call)), existed: false };
    });
  },
});

/** By a recent sign-in or the password, too: a stolen session is not to shut its owner out. */
export const unlinkIdentity = useCase({
  name: 'auth.unlinkIdentity',
  deps: {
    uow: unitOfWork({
      ...liveSessionRepositories,
      ...wayInRepositories,
      auditLog: AuditLog,
    }),
    ...reauthenticationPorts,
    ...wayInPorts,
    ...auditPorts,
  },
  async run({ uow, ...ports }, { identityId, password }: Readonly<{ identityId: IdentityId }> & Password, call) {
    await reauthenticate(ports, call, password, 'recent sign-in');
    const { userId } = call.actor;
    await uow.write(call.account, async (tx) => {
      await requireLiveSession(tx, call.actor);
      const removed = await tx.identities.remove(userId, identityId);
      if (removed === undefined) throw identityErrors.IDENTITY_NOT_FOUND();
      await requireWayIn(ports, tx, userId);
      await recordAudit(ports, tx, call, authActions.identity_unlinked, { target: userId, details: { issuer: removed.issuer } });
    });
  },
});
