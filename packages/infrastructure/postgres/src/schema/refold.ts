import { foldingVersion } from '@coucou/domain/kernel/folding';
import { asId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { WordList } from '@coucou/domain/moderation/word-list';
import { sql } from 'kysely';
import { type Session, setAccount } from '../kit/session.ts';
import { createMessageIndexRepository } from '../messages/message-index-repository.ts';
import { nameKeys } from '../users/user-keys.ts';
import { isOlder, SchemaNewerError } from './needs.ts';

/** The record of the folding by which the stored keys were made, beside those of the functions. */
const RECORD = ['coucou', 'folding'] as const;

/** Whether stored keys were folded as an earlier version did. Throws where a later one folded them. */
export async function isFoldingPending(session: Session, version: string): Promise<boolean> {
  const { rows } = await session.query<{ hash: string; version: string | null }>(
    `select hash, to_jsonb(f) ->> 'version' as version from schema_function f where schema_set = $1 and name = $2`,
    [...RECORD],
  );
  const [stored] = rows;
  if (stored?.hash === foldingVersion) return false;
  if (isOlder(version, stored?.version ?? '0.0.0'))
    throw new SchemaNewerError(`${stored?.version} folded names and messages in another way than ${version} does`);
  return true;
}

/** Rows of one transaction. */
const BATCH = 500;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Writes again what was stored folded, in batches of a transaction each: names of people, listed words, entries of the message search. Cut
 * off, it begins again with the next migration. The login must be able to take the runtime roles.
 */
export async function refold(session: Session, version: string, log?: (line: string) => void): Promise<void> {
  const accounts = await inTransaction(session, 'set local role coucou_system', async () => {
    const { rows } = await session.query<{ id: string }>('select account_id as id from account order by account_id');
    return rows.map(({ id }) => id);
  });
  const counts = { people: 0, words: 0, messages: 0 };
  for (const account of accounts) {
    const inAccount = <T>(work: () => Promise<T>) =>
      inTransaction(session, `set local role coucou_app; ${setAccount(asId(account))}`, work);
    counts.people += await refoldPeople(session, account, inAccount, log);
    await inAccount(() => refoldHeldNames(session));
    counts.words += await inAccount(() => refoldWords(session, account));
    counts.messages += await refoldMessages(session, inAccount);
  }
  await session.query(
    `insert into schema_function (schema_set, name, hash, version) values ($1, $2, $3, $4)
     on conflict (schema_set, name) do update set hash = excluded.hash, version = excluded.version, applied_at = clock_now()`,
    [...RECORD, foldingVersion, version],
  );
  log?.(`coucou/folding: ${counts.people} people, ${counts.words} listed words and ${counts.messages} messages folded again`);
}

type InAccount = <T>(work: () => Promise<T>) => Promise<T>;

async function inTransaction<T>(session: Session, set: string, work: () => Promise<T>): Promise<T> {
  await session.script(`begin; ${set}`);
  try {
    const result = await work();
    await session.script('commit');
    return result;
  } catch (error) {
    await session.script('rollback').catch(() => {});
    throw error;
  }
}

type Person = Readonly<{ id: string; username: string; display_name: string; username_key: string }>;

/**
 * Older people first. Who has a key keeps it against somebody older whose name has only now come to be the same: the other gets a key that
 * nobody can type, and signs in by e-mail address.
 */
async function refoldPeople(session: Session, account: string, inAccount: InAccount, log?: (line: string) => void): Promise<number> {
  let people = 0;
  const waiting: (Person & { key: string })[] = [];
  for (let after = FIRST; ; ) {
    const rows = await inAccount(async () => {
      const { rows: batch } = await session.query<Person>(
        'select id, username, display_name, username_key from app_user where id > $1 order by id limit $2',
        [after, BATCH],
      );
      const keyed = batch.map((row) => ({
        ...row,
        ...nameKeys({ accountId: account, username: row.username, displayName: row.display_name }),
        old: row.username_key,
      }));
      await session.query(
        `update app_user u set display_name_key = r.display_name_key, name_grams = r.name_grams::tsvector
         from json_to_recordset($1::json) r(id uuid, display_name_key text, name_grams text) where u.id = r.id`,
        [JSON.stringify(keyed)],
      );
      for (const { old, username_key: key, ...row } of keyed)
        if (old !== key && !(await takeKey(session, row.id, key))) waiting.push({ ...row, username_key: old, key });
      return batch;
    });
    people += rows.length;
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  // Again, since the key may have been one that its holder has given up meanwhile.
  for (const { id, username, key } of waiting)
    await inAccount(async () => {
      if (await takeKey(session, id, key)) return;
      await session.query('update app_user set username_key = $2 where id = $1', [id, `${key}#${id}`]);
      log?.(`coucou/folding: the username ${username} is now the same as another's; ${id} signs in with their e-mail address`);
    });
  return people;
}

async function takeKey(session: Session, id: string, key: string): Promise<boolean> {
  const { rowCount } = await session.query(
    'update app_user set username_key = $2 where id = $1 and not exists (select from app_user o where o.username_key = $2 and o.id <> $1)',
    [id, key],
  );
  return rowCount > 0;
}

/** Of two names that have become one, one hold keeps both from others. */
async function refoldHeldNames(session: Session): Promise<void> {
  const { rows } = await session.query<{ key: string; name: string }>(`select key, name from held_name where kind = 'username'`, []);
  for (const { key, name } of rows) {
    const folded = User.usernameKey(name);
    if (folded === key) continue;
    await session.query(
      `update held_name set key = $2 where kind = 'username' and key = $1
         and not exists (select from held_name o where o.kind = 'username' and o.key = $2)`,
      [key, folded],
    );
  }
}

/** Of two rules that have become one, the stricter stays. */
async function refoldWords(session: Session, account: string): Promise<number> {
  const { rows } = await session.query<{ word: string; action: string }>('select word, action from word_rule order by action');
  const rules = new Map(rows.map(({ word, action }) => [WordList.normalize(word), action]));
  rules.delete('');
  await session.query('delete from word_rule', []);
  await session.query(
    'insert into word_rule (account_id, word, action) select $1::uuid, r.word, r.action from unnest($2::text[], $3::text[]) r(word, action)',
    [account, [...rules.keys()], [...rules.values()]],
  );
  return rows.length;
}

async function refoldMessages(session: Session, inAccount: InAccount): Promise<number> {
  const index = createMessageIndexRepository(session.db);
  let messages = 0;
  for (let [conversation, seq] = [FIRST, 0]; ; ) {
    const rows = await inAccount(async () => {
      const { rows: batch } = await sql<{ id: string; conversation_id: string; seq: number }>`
        select x.id, s.conversation_id, s.seq from (
          select conversation_id, seq from message_search where (conversation_id, seq) > (${conversation}::uuid, ${seq}::bigint)
          order by conversation_id, seq limit ${BATCH}
        ) s join message x using (conversation_id, seq) order by s.conversation_id, s.seq`.execute(session.db);
      await index.index(batch.map(({ id }) => asId<'message'>(id)));
      return batch;
    });
    messages += rows.length;
    const last = rows.at(-1);
    if (last === undefined) return messages;
    [conversation, seq] = [last.conversation_id, last.seq];
  }
}
