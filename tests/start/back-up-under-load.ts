import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { seedBulk } from '@coucou/postgres/seed/seed';
import { upload } from '../attachments/files.ts';
import { environment } from '../support/environment.ts';
import { expectStatus, type Person, signUp } from '../support/people.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import { runCommand } from '../support/spawned-command.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { inDatabase } from './sql.ts';

/** What a back-up under load and its restore came to; times in seconds. */
export type Figures = Readonly<{
  rows: number;
  files: number;
  bytes: number;
  /** Messages that were acknowledged before it began, and while it ran. */
  before: number;
  during: number;
  /** Of those, messages in the restored database. */
  restored: number;
  seconds: Readonly<{ backup: number; verify: number; restore: number }>;
}>;

export type Places = Readonly<{
  source: Database;
  /** Empty. */
  target: Database;
  /** The source, by a login that passes row-level security. */
  backupUrl: string;
  targetUrl: string;
  folder: string;
  /** Messages that are there before anybody writes. */
  messages: number;
  writers: number;
}>;

/** Backs a server up while people write to it, restores the back-up into another database, and verifies both. */
export async function backUpUnderLoad({ source, target, backupUrl, targetUrl, folder, messages, writers }: Places): Promise<Figures> {
  await seedBulk({ ownerUrl: source.ownerUrl, size: messages, readers: [{ username: 'ruth', conversations: 40, passwordHash: 'none' }] });
  const server = await spawnTestApp({ database: source });
  try {
    const env = environment({ database: source, env: { DATA_DIR: path.join(server.directory, 'data'), DATABASE_BACKUP_URL: backupUrl } });
    const load = await startWriting(server.url, writers);
    await load.reached(writers * 5);
    const before = load.acknowledged();
    const command = (...args: string[]) => timed(() => runCommand(args, { root: ROOT, env }));
    const backup = await command('backup', folder);
    const during = load.acknowledged() - before;
    await load.stop();
    const verify = await command('verify', '--files');
    const there = environment({ database: target, env: { DATA_DIR: path.join(server.directory, 'restored') } });
    const restore = await timed(() => runCommand(['restore', folder], { root: ROOT, env: there }));
    const [found] = await inDatabase(targetUrl, RESTORED);
    return { ...(await sizeOf(folder)), before, during, restored: Number(found?.['restored']), seconds: { backup, verify, restore } };
  } finally {
    await server.stop();
  }
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const TITLE = 'written under load';
const RESTORED = `
  select count(*) as restored from message m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id where c.title = '${TITLE}'`;

async function sizeOf(folder: string): Promise<Pick<Figures, 'rows' | 'files' | 'bytes'>> {
  const { tables, files } = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as {
    tables: { rows: number }[];
    files: { count: number };
  };
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(path.join(entry.parentPath, entry.name))).size;
  return { rows: tables.reduce((sum, { rows }) => sum + rows, 0), files: files.count, bytes };
}

/** Each writes into one group as fast as it is answered: messages, some with files, reactions, edits, and read marks. */
async function startWriting(url: string, writers: number) {
  const people: Person[] = [];
  for (let at = 0; at < writers; at += 1) people.push(await signUp(url, `writer${at}`));
  const [first, ...others] = people;
  if (first === undefined) throw new Error('somebody has to write');
  const call = async ({ http }: Person, method: 'POST' | 'PUT' | 'PATCH', where: string, body?: object, status = 200) =>
    expectStatus(await http.call(method, `/api/v1${where}`, body), status);
  const { id: conversationId } = await call(
    first,
    'POST',
    '/conversations',
    { type: 'group', title: TITLE, memberIds: others.map(({ id }) => id) },
    201,
  );
  let acknowledged = 0;
  const ending = new AbortController();
  const write = async (person: Person) => {
    for (let turn = 1; !ending.signal.aborted; turn += 1) {
      const file =
        turn % 10 === 0
          ? { type: 'file', attachmentIds: [expectStatus(await upload(person, `file ${turn}`), 201).id] }
          : { content: `turn ${turn}` };
      const { id, seq } = await call(person, 'POST', `/conversations/${conversationId}/messages`, file, 201);
      acknowledged += 1;
      if (turn % 3 === 0) await call(person, 'PUT', `/messages/${id}/reactions/${encodeURIComponent('👍')}`, undefined, 204);
      if (turn % 5 === 0 && 'content' in file) await call(person, 'PATCH', `/messages/${id}`, { content: `turn ${turn}, again` });
      if (turn % 2 === 0) await call(person, 'POST', '/receipts', { items: [{ conversationId, readSeq: seq }] });
    }
  };
  const writing = Promise.all(people.map(write));
  // If a command fails, the server stops while they write: the first failure is reported, and `stop` reports what the writers got.
  writing.catch(() => {});
  return {
    acknowledged: () => acknowledged,
    reached: (least: number) => until(() => acknowledged >= least, { what: `${least} messages` }),
    async stop() {
      ending.abort();
      await writing;
    },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}
