import { migrateDatabase } from '@coucou/postgres/schema/migrate';
import { seedBulk } from '@coucou/postgres/seed/seed';
import { createPasswordHasher } from '@coucou/security/password-hasher';
import { schemaSets } from '../composition/features.ts';
import type { Config } from '../config.ts';
import { explainDatabaseError, runtimeUser } from '../start/database.ts';
import { CommandError, print, UsageError } from './command.ts';
import { seedPassword } from '../demo/people.ts';

/** Users who can log in, with how many conversations in addition to the big one: sizes at which the list is measured. */
export const inboxes = { ruth: 1_000, hank: 100, tina: 10 } as const;

/** More would take a night. */
const MOST = 20_000_000;

export function sizeOf(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > MOST)
    throw new UsageError(`--size must be a number of messages from 1 to ${MOST}, not ${text}`);
  return size;
}

/** Straight into the database: the product would need hours for what this does in minutes. */
export async function seedSize({ database }: Config, size: number): Promise<void> {
  if (database.kind === 'embedded')
    throw new CommandError('--size needs PostgreSQL: set DATABASE_URL (and DATABASE_OWNER_URL, where the owner is another login)');
  const hasher = createPasswordHasher({ concurrency: 1 });
  try {
    await migrateDatabase({ ownerUrl: database.ownerUrl, ...runtimeUser(database), schemaSets, log: print });
    const readers = [];
    for (const [username, conversations] of Object.entries(inboxes))
      readers.push({ username, conversations, passwordHash: await hasher.hash(seedPassword(username), 'seed') });
    const { conversation, posted } = await seedBulk({ ownerUrl: database.ownerUrl, size, readers, log: print });
    print(posted === 0 ? 'Nothing to do: the database is already filled.' : `Posted ${posted} messages.`);
    print(`The big conversation is ${conversation}; in it, and with conversations of their own:\n\n  username  conversations  password`);
    for (const [username, conversations] of Object.entries(inboxes))
      print(`  ${username.padEnd(10)}${String(conversations).padEnd(15)}${seedPassword(username)}`);
  } catch (error) {
    throw explainDatabaseError(error, database);
  }
}
