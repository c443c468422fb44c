import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import type { Ports } from '../kernel/token.ts';
import type { importPorts } from './import-account.ts';
import { findThere, HASH, ofLine } from './import-people.ts';
import type { UserLine } from './lines.ts';
import { type Placed, refuse, type SourceIds, userOf } from './resolve-lines.ts';

export type PeopleChecks = Readonly<{
  /** Whether an import would find the person there; throws what it would refuse. */
  check(line: Placed<UserLine>): Promise<boolean>;
  known(source: string): UserId | undefined;
}>;

/** People as an import would add them, to those of the account and of the lines before. */
export function createPeopleChecks(
  { store, clock, hashes }: Pick<Ports<typeof importPorts>, 'store' | 'clock' | 'hashes'>,
  account: AccountId,
  ids: SourceIds,
): PeopleChecks {
  const people = new Map<string, UserId>();
  const [usernames, addresses, externals] = [new Map<string, UserId>(), new Map<string, UserId>(), new Map<string, UserId>()];
  const now = clock.now();

  /** As `findThere`, among the lines before. */
  function earlier({ id, username, email, externalId }: UserLine): UserId | undefined {
    const same = people.get(id) ?? (externalId === undefined ? undefined : externals.get(externalId));
    const addressed = email === undefined ? undefined : addresses.get(User.emailKey(email));
    return same ?? (addressed !== undefined && addressed === usernames.get(User.usernameKey(username)) ? addressed : undefined);
  }

  async function check(line: Placed<UserLine>): Promise<boolean> {
    const { value } = line;
    const id = ids.user(value.id);
    const there =
      earlier(value) ??
      (await store.read(account, async (tx) => ((await tx.imports.knownPeople([id])).has(id) ? id : findThere(tx, value))));
    if (there !== undefined) {
      people.set(value.id, there);
      return true;
    }
    if (value.passwordHash !== undefined && hashes.accept(value.passwordHash) === undefined) throw refuse(line.line, HASH);
    const user = userOf(line, account, id, now);
    const [username, email] = [User.usernameKey(user.username), user.email === undefined ? undefined : User.emailKey(user.email)];
    if (usernames.has(username)) throw refuse(line.line, `the username ${value.username} is that of an earlier line`);
    if (email !== undefined && addresses.has(email)) throw refuse(line.line, `the address of ${value.username} is that of an earlier line`);
    await store
      .read(account, (tx) => tx.users.requireFree(user, now))
      .catch((error: unknown) => {
        throw ofLine(error, line);
      });
    usernames.set(username, id);
    if (email !== undefined) addresses.set(email, id);
    if (value.externalId !== undefined) externals.set(value.externalId, id);
    people.set(value.id, id);
    return false;
  }

  return { check, known: (source) => people.get(source) };
}
