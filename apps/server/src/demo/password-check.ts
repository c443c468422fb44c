import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { RefusedPasswords } from '@coucou/application/ports/refused-passwords';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import { commonPasswords } from '@coucou/domain/auth/common-passwords';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import type { Container } from '../composition/container.ts';
import { type Override, override } from '../composition/ports.ts';
import type { Config } from '../config.ts';
import { people, seedPassword } from './people.ts';

const ports = { uow: unitOfWork({ users: Users }), hasher: PasswordHasher };

/** Answers those of the demo people in an account who can sign in with their public password. */
export type FindDemoPeople = (account: AccountId) => Promise<readonly User[]>;

/**
 * What nobody may choose on this server: what everybody knows, and what it is called. Where others sign up, nor the public passwords: a
 * stranger could otherwise become a demo person, and keep the server from starting again.
 */
export const refusePasswords = ({ publicUrl, smtp, conveniences }: Pick<Config, 'publicUrl' | 'smtp' | 'conveniences'>): Override =>
  override(RefusedPasswords, {
    common: conveniences ? commonPasswords : new Set([...commonPasswords, ...people.map(seedPassword)]),
    serviceWords: [
      'coucou',
      ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname]),
      ...(smtp === undefined ? [] : [smtp.from.address, smtp.from.name ?? '']),
    ],
  });

/**
 * Demo people are recognised by username and public password alone, however they were created. A
 * verified hash is remembered, since verifying takes tens of milliseconds.
 */
export function createFindDemoPeople(container: Container): FindDemoPeople {
  const { uow, hasher } = container.portsOf(ports);
  const verified = new Set<string>();
  return async (account) => {
    const found = await uow.read(account, async ({ users }) => {
      const rows = [];
      for (const name of people) rows.push({ name, row: await users.lookupByIdentifier(name) });
      return rows;
    });
    const checked = await Promise.all(
      found.map(async ({ name, row }) => {
        if (row?.passwordHash === undefined) return [];
        const { user, passwordHash } = row;
        if (!verified.has(passwordHash) && !(await hasher.verify(seedPassword(name), passwordHash, ''))) return [];
        verified.add(passwordHash);
        return [user];
      }),
    );
    return checked.flat();
  };
}
