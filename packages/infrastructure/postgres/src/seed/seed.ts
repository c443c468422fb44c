import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { defaultSettings } from '@coucou/domain/conversations/conversation';
import { User } from '@coucou/domain/users/user';
import { asId } from '@coucou/domain/kernel/ids';
import { lockedHeadOf } from '../conversations/conversation-head.ts';
import { v7 as uuid } from 'uuid';
import { createPgPool } from '../kit/pg-pool.ts';
import type { Session, SessionPool } from '../kit/session.ts';
import { asSystem, transaction } from '../transactions/transaction.ts';
import { nameKeys } from '../users/user-keys.ts';
import { type Order, post, type Standing } from './post.ts';
import { dice, idOf, personName, titleOf } from './texts.ts';

/** A user who can log in, and how many conversations they have in addition to the big one. */
export type Reader = Readonly<{ username: string; passwordHash: string; conversations: number }>;

export type BulkSeed = Readonly<{
  /** A login that may take the product's roles, as the owner of the schema may. */
  ownerUrl: string;
  /** Messages of the one big conversation; it grows up to here. */
  size: number;
  readers: readonly Reader[];
  log?: (line: string) => void;
}>;

export type Seeded = Readonly<{ account: string; conversation: string; posted: number; readers: ReadonlyMap<string, string> }>;

/** Who the readers talk with, and who else there is: nobody is in most of an account's conversations. */
const PEOPLE = 150;
const STRANGERS = 12_000;
const STRANGE_CONVERSATIONS = 15_000;
const CHUNK = 2_000;
const MESSAGES_EACH = 5;
const CREATED = new Date(Date.UTC(2024, 0, 1, 8));

/**
 * Fills a database far faster than the product could: by rows, but as the product's own roles, under its policies, and such that every
 * chunk leaves a state the product could have left. May be run again: ids follow from what they name, and the big conversation grows
 * to the size asked for.
 */
export async function seedBulk({ ownerUrl, size, readers, log = () => {} }: BulkSeed): Promise<Seeded> {
  const pool = createPgPool({ url: ownerUrl, max: 1, statementTimeout: 600, lockTimeout: 60 });
  try {
    const account = await accountOf(pool);
    const readerIds = new Map(readers.map(({ username }) => [username, idOf(account, 'person', username)]));
    const people = [...readerIds.values(), ...Array.from({ length: PEOPLE }, (_, index) => idOf(account, 'person', index))];
    const strangers = Array.from({ length: STRANGERS }, (_, index) => idOf(account, 'stranger', index));
    await inAccount(pool, account, (session) => addPeople(session, account, [...people, ...strangers], readers));
    await addOthers(pool, account, strangers);
    log(`${people.length + STRANGERS} people, ${STRANGE_CONVERSATIONS} conversations of others`);
    for (const { username, conversations } of readers) {
      await addInbox(pool, account, { reader: readerIds.get(username) ?? '', people, conversations });
      log(`${conversations} conversations of ${username}`);
    }
    const conversation = idOf(account, 'big');
    const posted = await addBig(pool, account, { id: conversation, people, size, log });
    // As autovacuum will leave it in a minute; who seeded wants to measure now.
    await pool.use((session) => session.script('vacuum analyze'));
    return { account, conversation, posted, readers: readerIds };
  } finally {
    await pool.end();
  }
}

// Policies hide the account's column from the planner's estimates: without statistics it might read whole tables.
const inAccount = <T>(pool: SessionPool, account: string, work: (session: Session) => Promise<T>): Promise<T> =>
  transaction(
    pool,
    'seeding',
    `begin; set local role coucou_app; set local app.account_id = '${account}'; set local enable_seqscan = off`,
    work,
  );

const accountOf = (pool: SessionPool): Promise<string> =>
  asSystem(pool, 'seeding', async (session) => {
    await session.query(
      'insert into account (account_id, name, client_key, created_at) values ($1, $2, $3, clock_now()) on conflict (client_key) do nothing',
      [uuid(), 'Default', DEFAULT_CLIENT_KEY],
    );
    const { rows } = await session.query<{ account_id: string }>('select account_id from account where client_key = $1', [
      DEFAULT_CLIENT_KEY,
    ]);
    const [row] = rows;
    if (row === undefined) throw new Error('there is no default account');
    return row.account_id;
  });

async function addPeople(session: Session, account: string, ids: readonly string[], readers: readonly Reader[]): Promise<void> {
  const roll = dice(1);
  const rows = ids.map((id, index) => {
    const reader = readers[index];
    const name = personName(roll);
    const username =
      reader?.username ??
      `${name
        .split(' ')[0]
        ?.normalize('NFKD')
        .replace(/[^A-Za-z]/g, '')
        .toLowerCase()}_${index}`;
    const displayName = reader === undefined ? name : `${username.charAt(0).toUpperCase()}${username.slice(1)} ${name.split(' ')[1]}`;
    const user = User.signUp({
      accountId: asId(account),
      id: asId(id),
      username,
      email: `${username}@example.com`,
      displayName,
      now: CREATED,
    });
    return {
      id,
      username,
      email: user.email,
      email_key: User.emailKey(`${username}@example.com`),
      display_name: displayName,
      ...nameKeys(user),
      role: user.role,
      password_hash: reader?.passwordHash ?? null,
    };
  });
  await session.query(
    `insert into app_user (account_id, id, username, username_key, email, email_key, display_name, display_name_key, name_grams, role, password_hash, created_at)
     select $1, r.id, r.username, r.username_key, r.email, r.email_key, r.display_name, r.display_name_key, r.name_grams::tsvector, r.role,
       r.password_hash, $2
     from json_to_recordset($3::json) r(id uuid, username text, username_key text, email text, email_key text, display_name text, display_name_key text,
       name_grams text, role text, password_hash text)
     on conflict (account_id, id) do nothing`,
    [account, CREATED, JSON.stringify(rows)],
  );
}

type NewConversation = Readonly<{ id: string; title: string | null; owner: string; members: readonly string[]; number: number }>;

const INSERT_CONVERSATIONS = `
  insert into conversation (account_id, id, type, title, settings, direct_lower, direct_higher, created_by, created_at, member_count, changed_version,
    status, assignee_id, labels)
  select $1, r.id, r.type, r.title, $3::jsonb, r.direct_lower, r.direct_higher, r.created_by, $2, r.member_count, 1, r.status, r.assignee_id, r.labels
  from json_to_recordset($4::json) r(id uuid, type text, title text, direct_lower uuid, direct_higher uuid, created_by uuid, member_count integer,
    status text, assignee_id uuid, labels text[])
  on conflict do nothing returning id`;

const INSERT_HEADS = `
  insert into conversation_head (account_id, conversation_id, last_seq, version, receipts_version, access_version, countable, active_at)
  select $1, k.id, 0, 1, 0, 1, 0, $2 from unnest($3::uuid[]) k(id)`;

const INSERT_MEMBERS = `
  insert into member (account_id, conversation_id, user_id, role, joined_at, joined_seq, delivered_seq, read_seq, unread_base, version, pinned, archived)
  select $1, r.conversation_id, r.user_id, r.role, $2, 0, 0, 0, 0, 1, r.pinned, r.archived
  from json_to_recordset($3::json) r(conversation_id uuid, user_id uuid, role text, pinned boolean, archived boolean)`;

/** Answers those that were not there before. */
async function addConversations(session: Session, account: string, all: readonly NewConversation[]): Promise<NewConversation[]> {
  const rows = all.map(({ id, title, owner, members, number }) => {
    const [lower, higher] = title === null ? members.toSorted() : [null, null];
    return {
      id,
      type: title === null ? 'direct' : 'group',
      title,
      direct_lower: lower,
      direct_higher: higher,
      created_by: owner,
      member_count: members.length,
      status: number % 10 < 7 ? 'open' : number % 10 < 9 ? 'pending' : 'resolved',
      assignee_id: title !== null && number % 4 === 0 ? owner : null,
      labels: title !== null && number % 5 === 0 ? ['urgent'] : [],
    };
  });
  const made = await session.query<{ id: string }>(INSERT_CONVERSATIONS, [
    account,
    CREATED,
    JSON.stringify(defaultSettings),
    JSON.stringify(rows),
  ]);
  const fresh = new Set(made.rows.map(({ id }) => id));
  const added = all.filter(({ id }) => fresh.has(id));
  await session.query(INSERT_HEADS, [account, CREATED, [...fresh]]);
  const members = added.flatMap(({ id, title, owner, members: each, number }) =>
    each.map((user) => ({
      conversation_id: id,
      user_id: user,
      role: title !== null && user === owner ? 'owner' : 'member',
      pinned: user === owner && number % 50 === 3,
      archived: user === owner && number % 12 === 7,
    })),
  );
  await session.query(INSERT_MEMBERS, [account, CREATED, JSON.stringify(members)]);
  return added;
}

async function locked(session: Session, ids: readonly string[]): Promise<Standing[]> {
  const { rows } = await session.query<Standing>(
    `select k.id, h.last_seq, h.version, h.countable, h.active_at from (select id from unnest($1::uuid[]) k(id) order by id) k
     cross join lateral ${lockedHeadOf('k.id')} h`,
    [ids],
  );
  return rows;
}

/** Those that are new, each with a few messages. */
async function addEach(pool: SessionPool, account: string, all: readonly NewConversation[], count: number): Promise<void> {
  const each = CHUNK / count / 2;
  for (let at = 0; at < all.length; at += each) {
    await inAccount(pool, account, async (session) => {
      const added = new Map((await addConversations(session, account, all.slice(at, at + each))).map((one) => [one.id, one]));
      const standings = await locked(session, [...added.keys()]);
      const orders = standings.map((standing): Order => ({ standing, members: added.get(standing.id)?.members ?? [], count }));
      await post(session, account, orders);
    });
  }
}

async function addOthers(pool: SessionPool, account: string, people: readonly string[]): Promise<void> {
  const roll = dice(3);
  const all = Array.from({ length: STRANGE_CONVERSATIONS }, (_, number): NewConversation => {
    const [owner = '', ...mates] = new Set(Array.from({ length: 3 + roll(4) }, () => people[roll(people.length)] ?? ''));
    return { id: idOf(account, 'others', number), title: titleOf(roll, number), owner, members: [owner, ...mates], number };
  });
  await addEach(pool, account, all, 1);
}

type Inbox = Readonly<{ reader: string; people: readonly string[]; conversations: number }>;

/** Half with one other person, as far as there are people; the rest in small groups. */
async function addInbox(pool: SessionPool, account: string, { reader, people, conversations }: Inbox): Promise<void> {
  const roll = dice(2);
  const others = people.filter((id) => id !== reader);
  const directs = Math.min(Math.floor(conversations / 2), PEOPLE);
  const all = Array.from({ length: conversations }, (_, number): NewConversation => {
    const direct = number < directs;
    // Directs are with people who are no readers: two readers would meet in one conversation twice.
    const mates = direct ? [others.at(-1 - number) ?? ''] : Array.from({ length: 2 + roll(6) }, () => others[roll(others.length)] ?? '');
    const id = idOf(account, reader, 'inbox', number);
    return { id, title: direct ? null : titleOf(roll, number), owner: reader, members: [...new Set([reader, ...mates])], number };
  });
  await addEach(pool, account, all, MESSAGES_EACH);
}

type Big = Readonly<{ id: string; people: readonly string[]; size: number; log: (line: string) => void }>;

/** Each chunk begins where the conversation stands when its lock is held: somebody may be talking in it meanwhile. */
async function addBig(pool: SessionPool, account: string, { id, people, size, log }: Big): Promise<number> {
  const [owner = ''] = people;
  await inAccount(pool, account, (session) =>
    addConversations(session, account, [{ id, title: 'Everyone', owner, members: people, number: 1 }]),
  );
  let posted = 0;
  for (let left = 1; left > 0; ) {
    left = await inAccount(pool, account, async (session) => {
      const [standing] = await locked(session, [id]);
      if (standing === undefined) throw new Error('the big conversation was deleted');
      const count = Math.min(CHUNK, Math.max(0, size - standing.last_seq));
      await post(session, account, [{ standing, members: people, count }]);
      posted += count;
      return size - standing.last_seq - count;
    });
    if (posted > 0 && (left <= 0 || (posted / CHUNK) % 10 === 0)) log(`${posted} messages posted, ${Math.max(0, left)} to go`);
  }
  return posted;
}
