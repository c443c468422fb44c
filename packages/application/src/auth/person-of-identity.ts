import { requireOpenSignup } from '@coucou/domain/accounts/signup-rules';
import { type Identity, identityErrors } from '@coucou/domain/auth/identity';
import { errors } from '@coucou/domain/kernel/errors';
import { limits } from '@coucou/domain/kernel/limits';
import { hasVisible } from '@coucou/domain/kernel/visible';
import { suggestUsername } from '@coucou/domain/users/suggest-username';
import { User, userErrors } from '@coucou/domain/users/user';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import type { ProvidedIdentity } from '../ports/identity-providers.ts';
import { Users } from '../users/repositories.ts';
import { type sessionPorts, sessionRepositories } from './open-session.ts';
import { Identities } from './repositories.ts';
import { recordSecurityEvent } from './security-events.ts';

export const personRepositories = { ...sessionRepositories, users: Users, identities: Identities };
type Repositories = Ports<typeof personRepositories>;
type IdentityPorts = Pick<Ports<typeof sessionPorts>, 'clock' | 'ids'>;
type Circumstances = Pick<Call, 'account' | 'client'>;

/**
 * Whom an identity stands for in this account: the person it is linked to; else whoever owns the address, where the issuer has verified it
 * and they have proven it here; else somebody new. Throws `OAUTH_EMAIL_UNVERIFIED`, the same whether or not the address is somebody's.
 */
export async function personOfIdentity(ports: IdentityPorts, tx: Repositories, said: ProvidedIdentity, call: Circumstances): Promise<User> {
  const known = await tx.identities.lookup(said.issuer, said.subject);
  if (known !== undefined) {
    const isStillLinked = await tx.identities.updateUse({ ...known, email: said.email, lastUsedAt: ports.clock.now() });
    const user = isStillLinked ? await tx.users.lookup(known.userId) : undefined;
    if (user === undefined) throw errors.UNAUTHENTICATED();
    return user;
  }
  if (said.email !== undefined && !said.emailVerified) throw identityErrors.OAUTH_EMAIL_UNVERIFIED();
  const user = (await ownerOf(tx, said.email)) ?? (await newcomer(ports, tx, said, call));
  await linkIdentity(ports, tx, user, said, call);
  return user;
}

/** Links an identity that is nobody's yet. Throws `IDENTITY_TAKEN`. */
export async function linkIdentity(
  ports: IdentityPorts,
  tx: Pick<Repositories, 'identities' | 'securityEvents'>,
  { id: userId, accountId }: User,
  { issuer, subject, email }: ProvidedIdentity,
  call: Circumstances,
): Promise<Identity> {
  const now = ports.clock.now();
  const identity: Identity = { accountId, id: ports.ids.next(), userId, issuer, subject, email, createdAt: now, lastUsedAt: now };
  if (!(await tx.identities.add(identity))) throw identityErrors.IDENTITY_TAKEN();
  await recordSecurityEvent(ports, tx, call, 'identity_linked', { userId, details: { issuer } });
  return identity;
}

async function ownerOf(tx: Repositories, email: string | undefined): Promise<User | undefined> {
  const user = email === undefined ? undefined : (await tx.users.lookupByIdentifier(email))?.user;
  // Whoever signed up with this address has not proven that it is theirs. PROVE-MAILBOX: the issuer has proven it for who comes now.
  if (user !== undefined && !user.emailVerified) throw identityErrors.OAUTH_EMAIL_UNVERIFIED();
  return user;
}

async function newcomer(ports: IdentityPorts, tx: Repositories, said: ProvidedIdentity, call: Circumstances): Promise<User> {
  requireOpenSignup((await tx.accounts.own()).settings, said.email);
  const user = User.signUp({
    accountId: call.account,
    id: ports.ids.next(),
    username: await freeUsername(ports, tx, [said.username, said.displayName]),
    email: said.email,
    emailVerified: said.email !== undefined,
    displayName: displayNameOf(said.displayName),
    now: ports.clock.now(),
  });
  await tx.users.add(user, undefined);
  await recordSecurityEvent(ports, tx, call, 'signed_up', { userId: user.id, details: { issuer: said.issuer } });
  return user;
}

/** The name that suits best, or the same with a few characters more where somebody has it. */
async function freeUsername({ ids }: IdentityPorts, tx: Repositories, sources: readonly (string | undefined)[]): Promise<string> {
  const plain = suggestUsername(sources);
  if ((await tx.users.lookupByIdentifier(plain)) === undefined) return plain;
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
export async function racing<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES || !races.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}
