import { type AccountId, asId, type ConversationId, type MessageId, type UserId } from '@coucou/domain/kernel/ids';
import { SearchTerms } from '@coucou/domain/messages/search-terms';
import { createCurrentMembers } from '@coucou/postgres/conversations/current-members';
import { createConversationReader } from '@coucou/postgres/conversations/conversation-reader';
import { createMessageReader } from '@coucou/postgres/messages/message-reader';
import { createMessageSearchReader } from '@coucou/postgres/messages/message-search-reader';
import { createNotificationReader } from '@coucou/postgres/notifications/notification-reader';
import { createUserReader } from '@coucou/postgres/users/user-reader';
import { createReceiptReader } from '@coucou/postgres/receipts/receipt-reader';
import { seedBulk } from '@coucou/postgres/seed/seed';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { createHeadReader } from '@coucou/postgres/sync/head-reader';
import { createSyncReader } from '@coucou/postgres/sync/sync-reader';
import { createThreadReader } from '@coucou/postgres/threads/thread-reader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { openPostgres } from './engines.ts';
import { accessPaths, descentsOf, type Explained, explaining, type Node, nodesOf, pagesOf } from './explaining.ts';
import { askSync, type SyncRequest } from './sync-client.ts';
import { storageOn, type TestStorage } from './test-storage.ts';

/** Messages of the one conversation at the two times of looking. The night looks further: `PLANS_SIZE=1000000`. */
const SIZES = [10_000, Number(process.env['PLANS_SIZE'] ?? 40_000)] as const;
/** What the plans were written down with; others, and other sizes, may read the same indexes in another order. */
const WRITTEN_WITH = { major: 15, size: 40_000 };

type Scene = Readonly<{ account: AccountId; ruth: UserId; tina: UserId; busy: ConversationId; root: MessageId; size: number }>;
type Look = (pool: SessionPool, scene: Scene) => Promise<unknown>;

const anything = { conversationId: undefined, from: undefined, before: undefined, after: undefined, has: undefined };
const page = { limit: 50, cursor: undefined };
const syncing = (pool: SessionPool, { account, ruth }: Scene, given: Omit<SyncRequest, 'limit'>) =>
  askSync(createSyncReader(pool, 'epoch'), account, ruth, { limit: 200, ...given });

const looks: Readonly<Record<string, Look>> = {
  'history, the newest': (pool, { account, ruth, busy }) => createMessageReader(pool).history(account, ruth, busy, { limit: 50 }),
  'history, before a place': (pool, { account, ruth, busy }) =>
    createMessageReader(pool).history(account, ruth, busy, { limit: 50, before: 5_000 }),
  'history, after a place': (pool, { account, ruth, busy }) =>
    createMessageReader(pool).history(account, ruth, busy, { limit: 50, after: 5_000 }),
  'history, around a place': (pool, { account, ruth, busy }) =>
    createMessageReader(pool).history(account, ruth, busy, { limit: 50, around: 5_000 }),
  'history, around a time': (pool, { account, ruth, busy }) =>
    createMessageReader(pool).history(account, ruth, busy, { limit: 50, around: new Date('2024-01-02T12:00:00Z') }),
  pins: (pool, { account, ruth, busy }) => createMessageReader(pool).pins(account, ruth, busy, page),
  'threads of a conversation': (pool, { account, ruth, busy }) => createThreadReader(pool).list(account, ruth, busy, page),
  'a thread': (pool, { account, ruth, root }) => createThreadReader(pool).find(account, ruth, root, page),
  'inbox, 1,000 conversations': (pool, { account, ruth }) => createConversationReader(pool).list(account, ruth, page),
  'inbox, 10 conversations': (pool, { account, tina }) => createConversationReader(pool).list(account, tina, page),
  ...Object.fromEntries(
    (['unread', 'archived', 'pinned', 'mine', 'open', 'pending', 'resolved'] as const).map((filter): [string, Look] => [
      `inbox, ${filter}`,
      (pool, { account, ruth }) => createConversationReader(pool).list(account, ruth, page, { filter }),
    ]),
  ),
  'inbox, by label': (pool, { account, ruth }) => createConversationReader(pool).list(account, ruth, page, { label: 'urgent' }),
  'inbox, by assignee': (pool, { account, ruth }) => createConversationReader(pool).list(account, ruth, page, { assigneeId: ruth }),
  'a conversation': (pool, { account, ruth, busy }) => createConversationReader(pool).find(account, ruth, busy),
  'conversations of a person': (pool, { account, ruth }) => createCurrentMembers(pool).ofUser(account, ruth, 10_000),
  'conversations of several people': (pool, { account, ruth }) => createCurrentMembers(pool).ofUsers(account, [ruth], 10_000),
  'heads of a person': (pool, { account, ruth }) => createHeadReader(pool).ofMember(account, ruth),
  members: (pool, { account, ruth, busy }) => createConversationReader(pool).listMembers(account, ruth, busy, page),
  receipts: (pool, { account, ruth, busy }) => createReceiptReader(pool).list(account, ruth, busy, page),
  'readers of a message': (pool, { account, ruth, root }) => createReceiptReader(pool).readers(account, ruth, root),
  'sync, changes': (pool, scene) =>
    syncing(pool, scene, { conversations: [{ id: scene.busy, version: scene.size - 300, receiptsVersion: 1 }], user: { version: 0 } }),
  'sync, the newest of what is not held': (pool, scene) =>
    syncing(pool, scene, { conversations: [{ id: scene.busy, version: undefined }] }),
  'search, a common word': (pool, { account, ruth }) =>
    createMessageSearchReader(pool).search(account, ruth, { ...anything, ...SearchTerms.parse('lunch') }, page),
  'search, a rare word': (pool, { account, ruth }) =>
    createMessageSearchReader(pool).search(account, ruth, { ...anything, ...SearchTerms.parse('quetzal') }, page),
  'search, nothing to be found': (pool, { account, ruth }) =>
    createMessageSearchReader(pool).search(account, ruth, { ...anything, ...SearchTerms.parse('xylophone') }, page),
  'search, in one conversation': (pool, { account, ruth, busy }) =>
    createMessageSearchReader(pool).search(account, ruth, { ...anything, conversationId: busy, ...SearchTerms.parse('theodolite') }, page),
  people: (pool, { account, ruth }) => createUserReader(pool).search(account, ruth, 'ame', page),
  notifications: (pool, { account, ruth }) => createNotificationReader(pool).list(account, ruth, { unreadOnly: false }, page),
  'notifications, unread': (pool, { account, ruth }) => createNotificationReader(pool).list(account, ruth, { unreadOnly: true }, page),
};

let database: Database;
let storage: TestStorage;
const seen: ReadonlyMap<string, readonly Explained[]>[] = [];

async function lookAt(size: number): Promise<void> {
  const readers = [
    { username: 'ruth', conversations: 1_000, passwordHash: 'none' },
    { username: 'tina', conversations: 10, passwordHash: 'none' },
  ];
  const { account, conversation, readers: ids } = await seedBulk({ ownerUrl: database.ownerUrl, size, readers });
  const threads = await storage.ask<{ id: string }>(
    'coucou_app',
    asId(account),
    'select id from message where conversation_id = $1 and reply_count > 1 order by seq limit 1',
    [conversation],
  );
  const scene: Scene = {
    account: asId(account),
    ruth: asId(ids.get('ruth') ?? ''),
    tina: asId(ids.get('tina') ?? ''),
    busy: asId(conversation),
    root: asId(threads[0]?.id ?? ''),
    size,
  };
  const found = new Map<string, readonly Explained[]>();
  for (const [name, look] of Object.entries(looks)) {
    const { pool, explained } = explaining(storage.main);
    expect({ name, found: await look(pool, scene) }).not.toEqual({ name, found: undefined });
    found.set(name, explained);
  }
  seen.push(found);
}

beforeAll(async () => {
  database = await createDatabase();
  storage = storageOn(openPostgres(database));
  for (const size of SIZES) await lookAt(size);
}, 600_000);
afterAll(async () => {
  await storage.close();
  await database.drop();
});

const plansOf = (explained: readonly Explained[] = []) =>
  explained.flatMap(({ name, custom, generic }) => [
    { name: `${name}, with its values`, plan: custom },
    { name: `${name}, for any values`, plan: generic },
  ]);
const pagesIn = (explained: readonly Explained[] | undefined, kind: 'custom' | 'generic') =>
  (explained ?? []).reduce((sum, each) => sum + pagesOf(each[kind]), 0);
const names = Object.keys(looks);

describe(`with a conversation of ${SIZES.join(' and ')} messages`, () => {
  it.each(names)('%s reads no table that grows from end to end', async (name) => {
    const { rows } = await storage.owner.use((session) =>
      session.query<{ relname: string }>('select relname from pg_class where relkind = $1 and reltuples > 5000', ['r']),
    );
    const growing = rows.map(({ relname }) => relname);
    expect(growing).toEqual(expect.arrayContaining(['message', 'message_search', 'member', 'conversation', 'app_user']));
    const scans = plansOf(seen.at(-1)?.get(name)).flatMap(({ name: statement, plan }) =>
      nodesOf(plan).flatMap((node) =>
        node['Node Type'] === 'Seq Scan' && growing.includes(node['Relation Name'] ?? '') ? [`${statement}: ${node['Relation Name']}`] : [],
      ),
    );
    expect(scans).toEqual([]);
  });

  // Where there is more to show, or little made another way cheaper, a page still costs so much for each of its rows at most.
  // A search probes the index of grams up to 32 times, and once for each row is little.
  const pagesPerRow = (name: string) => (name.startsWith('search') ? 30 : 20);
  it.each(names)('%s touches no more pages of the longer one, or a bounded number for each row', (name) => {
    for (const kind of ['custom', 'generic'] as const) {
      const [few, many] = SIZES.map((_, index) => pagesIn(seen[index]?.get(name), kind)) as [number, number];
      const bounded = many <= Math.max(1.5 * few, pagesPerRow(name) * (page.limit + 1));
      expect({ kind, few, many, bounded }).toEqual({ kind, few, many, bounded: true });
    }
  });

  /** Hidden messages are looked up for each row of the page, where they are too many to be read beforehand. */
  const rowByRow = (plan: Node) => nodesOf(plan).some((node) => node['Index Name'] === 'hide_pkey' && node['Actual Loops'] > 10);
  it.each(['before', 'after', 'around'])('history, %s a place, touches as many pages, but for one more level of an index', (side) => {
    const [few, many] = seen.map((found) => found.get(`history, ${side} a place`)?.[0]?.custom);
    if (few === undefined || many === undefined) throw new Error('the plans are missing');
    const more = pagesOf(many) - pagesOf(few);
    expect({ more, within: more >= -1 && more <= (rowByRow(many) ? 3 : 1) * descentsOf(many) + 1 }).toEqual({ more, within: true });
    expect(pagesOf(many)).toBeLessThan(300);
  });

  it('finds its way as it is written down', async ({ skip }) => {
    const { rows } = await storage.owner.use((session) =>
      session.query<{ major: number }>(`select current_setting('server_version_num')::int / 10000 as major`),
    );
    if (rows[0]?.major !== WRITTEN_WITH.major || SIZES[1] !== WRITTEN_WITH.size) skip();
    const text = names.map((name) =>
      [
        `# ${name}`,
        ...(seen.at(-1)?.get(name) ?? []).flatMap(({ name: statement, custom }) => [
          statement,
          ...accessPaths(custom).map((line) => `  ${line}`),
        ]),
      ].join('\n'),
    );
    await expect(`${text.join('\n\n')}\n`).toMatchFileSnapshot('__snapshots__/plans.txt');
  });
});
