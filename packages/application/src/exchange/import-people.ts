import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import type { ImportRepository } from '@coucou/domain/exchange/import-repository';
import type { SuspensionRepository } from '@coucou/domain/moderation/moderation-repositories';
import type { UserAdministrationRepository } from '@coucou/domain/users/administration-repository';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { Clock } from '../ports/clock.ts';
import type { ImportedHashes } from '../ports/imported-hashes.ts';
import type { UserLine } from './lines.ts';
import { type Placed, refuse, type SourceIds, userOf } from './resolve-lines.ts';

type Tx = Readonly<{
  imports: ImportRepository;
  users: UserRepository;
  administration: UserAdministrationRepository;
  suspensions: SuspensionRepository;
}>;
type Given = Readonly<{ clock: Clock; hashes: ImportedHashes }>;

export type ImportedPeople = Readonly<{ people: ReadonlyMap<string, UserId>; created: number; existing: number }>;

export const HASH = 'the hash of the password is none of argon2 (PHC), bcrypt or scrypt';

/** What the domain refuses of a line, with its number; everything else unchanged. */
export const ofLine = (error: unknown, { line, value }: Placed<UserLine>): unknown =>
  error instanceof ChatError && error.kind !== 'unavailable' && error.kind !== 'internal'
    ? refuse(line, `${error.message} (${value.username})`)
    : error;

/** The person of the line who is in the account already without an import: by external id, or by username and address. */
export async function findThere(
  tx: Pick<Tx, 'administration' | 'users'>,
  { username, email, externalId }: UserLine,
): Promise<UserId | undefined> {
  if (externalId !== undefined) {
    const known = await tx.administration.findByExternalId(externalId);
    if (known !== undefined) return known.id;
  }
  const named = email === undefined ? undefined : (await tx.users.lookupByIdentifier(email))?.user;
  const isSame =
    named?.email !== undefined &&
    email !== undefined &&
    User.emailKey(named.email) === User.emailKey(email) &&
    User.usernameKey(named.username) === User.usernameKey(username);
  return isSame ? named.id : undefined;
}

/** Makes those who are not there. Throws, with the line, for a name that is taken or a hash that is not known. */
export async function importPeople(
  { clock, hashes }: Given,
  tx: Tx,
  account: AccountId,
  ids: SourceIds,
  lines: readonly Placed<UserLine>[],
): Promise<ImportedPeople> {
  const known = await tx.imports.knownPeople(lines.map(({ value }) => ids.user(value.id)));
  const people = new Map<string, UserId>();
  let created = 0;
  const now = clock.now();
  for (const each of lines) {
    const { line, value } = each;
    const id = ids.user(value.id);
    const there = known.has(id) || people.has(value.id) ? id : await findThere(tx, value);
    people.set(value.id, there ?? id);
    if (there !== undefined) continue;
    const hash = value.passwordHash === undefined ? undefined : hashes.accept(value.passwordHash);
    if (value.passwordHash !== undefined && hash === undefined) throw refuse(line, HASH);
    const user = userOf(each, account, id, now);
    try {
      await tx.users.add(user, hash, now);
      if (value.externalId !== undefined) await tx.administration.setExternalId(id, value.externalId);
      if (value.suspended) await tx.suspensions.set(id, true);
    } catch (error) {
      throw ofLine(error, each);
    }
    created += 1;
  }
  return { people, created, existing: lines.length - created };
}
