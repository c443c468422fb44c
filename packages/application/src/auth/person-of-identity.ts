import { signupErrors } from '@coucou/domain/accounts/signup-rules';
import { authActions } from '@coucou/domain/auth/audit-actions';
import { type Identity, identityErrors } from '@coucou/domain/auth/identity';
import { errors } from '@coucou/domain/kernel/errors';
import { limits } from '@coucou/domain/kernel/limits';
import { hasVisible } from '@coucou/domain/kernel/visible';
import { suggestUsername } from '@coucou/domain/users/suggest-username';
import { User, userErrors } from '@coucou/domain/users/user';
import { useInvite } from '../accounts/account-invites.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import type { ProvidedIdentity } from '../ports/identity-providers.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { type sessionPorts, sessionRepositories } from './open-session.ts';
import { credentialRepositories, type MailboxProof, proveMailbox } from './prove-mailbox.ts';
import { admittedBy } from './signup.ts';

export const personRepositories = { ...sessionRepositories, ...credentialRepositories };
type Repositories = Ports<typeof personRepositories>;
type Tx = Writing<Repositories>;
type IdentityPorts = Pick<Ports<typeof sessionPorts>, 'clock' | 'ids'>;
type NewcomerPorts = Pick<Ports<typeof sessionPorts>, 'clock' | 'ids' | 'sealed'>;

/** What somebody comes with. `by`: what the issuer is to this server. `signUp`: whether it may be somebody new. `again`: another has come first. */
export type Arrival = Readonly<{
  said: ProvidedIdentity;
  by: Extract<MailboxProof, 'oauth' | 'external'>;
  signUp: boolean;
  invite: string | undefined;
  again: boolean;
}>;

/**
 * The user of an identity in this account: the linked one; else the owner of the address, where the issuer has verified it;
 * else somebody new. Where nobody had proven the address here, this is the first proof, and whatever was attached before it is dropped: so both
 * sides have verified it. Throws `OAUTH_EMAIL_UNVERIFIED`, the same whether or not the address is somebody's.
 */
export async function personOfIdentity(ports: NewcomerPorts, tx: Tx, arrival: Arrival, call: Call): Promise<User> {
  const { said } = arrival;
  const known = await tx.identities.lookup(said.issuer, said.subject);
  if (known !== undefined) {
    const isStillLinked = await tx.identities.updateUse({ ...known, email: said.email, lastUsedAt: ports.clock.now() });
    const user = isStillLinked ? await tx.users.lookup(known.userId) : undefined;
    if (user === undefined) throw errors.UNAUTHENTICATED();
    return user;
  }
  if (said.email !== undefined && !said.emailVerified) throw identityErrors.OAUTH_EMAIL_UNVERIFIED();
  const owner = said.email === undefined ? undefined : await tx.credentials.lockByEmail(said.email);
  const user = owner === undefined ? await newcomer(ports, tx, arrival, call) : await proveMailbox(ports, tx, owner, call, arrival.by);
  await linkIdentity(ports, tx, user, said, call);
  return user;
}

/** Links an identity that is nobody's yet. Throws `IDENTITY_TAKEN`. */
export async function linkIdentity(
  ports: IdentityPorts,
  tx: Pick<Repositories, 'identities' | 'auditLog'>,
  { id: userId, accountId }: User,
  { issuer, subject, email }: ProvidedIdentity,
  call: Pick<Call, 'account' | 'client'>,
): Promise<Identity> {
  const now = ports.clock.now();
  const identity: Identity = { accountId, id: ports.ids.next(), userId, issuer, subject, email, createdAt: now, lastUsedAt: now };
  if (!(await tx.identities.add(identity))) throw identityErrors.IDENTITY_TAKEN();
  await recordAudit(ports, tx, call, authActions.identity_linked, { target: userId, details: { issuer } });
  return identity;
}

async function newcomer(ports: NewcomerPorts, tx: Tx, { said, signUp, invite, again }: Arrival, call: Call): Promise<User> {
  if (!signUp) throw signupErrors.SIGNUP_CLOSED();
  const admission = admittedBy(ports.sealed, await tx.accounts.own(), { email: said.email, invite }, ports.clock.now());
  if (admission !== undefined) await useInvite(tx, admission);
  const user = User.signUp({
    accountId: call.account,
    id: ports.ids.next(),
    username: await freeUsername(ports, tx, [said.username, said.displayName], again),
    email: said.email,
    emailVerified: said.email !== undefined,
    displayName: displayNameOf(said.displayName),
    avatarUrl: said.avatarUrl,
    now: ports.clock.now(),
  });
  await tx.users.add(user, undefined);
  await recordAudit(ports, tx, call, authActions.signed_up, { target: user.id, details: { issuer: said.issuer } });
  return user;
}

/** The name that suits best, or the same with a few characters more where somebody has it, or it is held for somebody. */
async function freeUsername({ ids }: IdentityPorts, tx: Tx, sources: readonly (string | undefined)[], again: boolean): Promise<string> {
  const plain = suggestUsername(sources);
  if (!again && (await tx.users.lookupByIdentifier(plain)) === undefined) return plain;
  // The end of an id is random.
  return suggestUsername(sources, ids.next().slice(-6));
}

function displayNameOf(name: string | undefined): string | undefined {
  const short = [...(name ?? '')].slice(0, limits.displayName).join('').trim();
  return hasVisible(short) ? short : undefined;
}

/** What is refused when two newcomers come at once and one has the name, the address or the identity first. */
const races = new Set<string>([userErrors.USERNAME_TAKEN.code, userErrors.EMAIL_TAKEN.code, identityErrors.IDENTITY_TAKEN.code]);
const TRIES = 3;

/** Runs a transaction that makes somebody again when another has come first: it finds them then. */
export async function racing<T>(work: (again: boolean) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work(tries > 1);
    } catch (error) {
      if (tries === TRIES || !races.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}
