import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import type { Payload } from '../support/event-log.ts';
import { privateDirectory } from '../support/machine.ts';
import { expectStatus, signUp } from '../support/people.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { command } from './support.ts';

/** `pnpm cli import` and `export` beside a server: on PostgreSQL by themselves, and through the server that holds the embedded database. */

const header = { type: 'header', format: 'coucou-export', version: 1 };
const at = (minute: number) => new Date(Date.UTC(2021, 0, 1, 8, minute)).toISOString();

describe.each(['the embedded database', 'PostgreSQL'] as const)('an account that moves, on %s', (engine) => {
  let server: SpawnedApp;
  let database: Database | undefined;
  let folder: string;
  beforeAll(async () => {
    database = engine === 'PostgreSQL' ? await createDatabase() : undefined;
    server = await spawnTestApp({ database });
    folder = await privateDirectory('exchange');
  });
  afterAll(async () => {
    await server?.stop();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const cli = (...args: string[]) => {
    const dataDir = path.join(server.directory, 'data');
    return command(args, { ...environment({ ...(database && { database }) }), DATA_DIR: dataDir });
  };

  it('is imported with its files while somebody is connected, exported, and imported elsewhere', async () => {
    const ann = await signUp(server.url, 'ann');
    const source = path.join(folder, 'source');
    await mkdir(path.join(source, 'files'), { recursive: true });
    await writeFile(path.join(source, 'files', 'notes.txt'), 'what was noted');
    await writeFile(path.join(folder, 'secret.txt'), 'of somebody else');
    await symlink(path.join(folder, 'secret.txt'), path.join(source, 'files', 'link.txt'));
    const lines = [
      header,
      { type: 'user', id: '1', username: ann.username, email: ann.email },
      { type: 'user', id: '2', username: 'ben' },
      { type: 'conversation', id: 'c', kind: 'group', title: 'Moved', createdBy: '1', createdAt: at(0) },
      { type: 'member', conversation: 'c', user: '1', role: 'owner' },
      { type: 'member', conversation: 'c', user: '2' },
      { type: 'attachment', id: 'f', owner: '2', name: 'notes.txt', file: 'files/notes.txt' },
      { type: 'attachment', id: 'l', owner: '2', name: 'link.txt', file: 'files/link.txt' },
      { type: 'message', id: 'm1', conversation: 'c', author: '2', createdAt: at(1), text: 'heirloom', attachments: ['f', 'l'] },
      { type: 'message', id: 'm2', conversation: 'c', author: '1', createdAt: at(2), text: 'thanks', replyTo: 'm1' },
    ];
    await writeFile(path.join(source, 'account.ndjson'), lines.map((line) => JSON.stringify(line)).join('\n'));

    const { stdout, code, stderr } = await cli('import', source);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toEqual([
      '9 lines read: 1 people (and 1 there already), 1 conversations, 2 messages, 0 reactions, 1 files',
      '1 files are not there and were left out',
    ]);
    const { items } = expectStatus(await ann.http.call('GET', '/api/v1/conversations'), 200);
    expect(items).toMatchObject([
      { title: 'Moved', lastSeq: 2, unread: { messages: 0 }, lastMessage: { content: 'thanks', createdAt: at(2) } },
    ]);
    const history = expectStatus(await ann.http.call('GET', `/api/v1/conversations/${items[0].id}/messages`), 200);
    const [first] = history.items.toSorted((a: Payload, b: Payload) => a.seq - b.seq);
    expect(first).toMatchObject({ content: 'heirloom', attachments: [{ name: 'notes.txt', type: 'text/plain' }] });
    // The search follows, by the server.
    await until(async () => expectStatus(await ann.http.call('GET', '/api/v1/messages/search?q=heirloom'), 200).items.length === 1, {
      what: 'the message to be found',
      timeoutMs: 30_000,
    });

    const out = path.join(folder, 'out');
    expect((await cli('export', '--out', out)).stdout).toMatch(/: \d+ lines, 2 messages, 1 files\.\n?$/);
    const written = (await readFile(path.join(out, 'account.ndjson'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { file } = written.find(({ type }) => type === 'attachment');
    expect(await readFile(path.join(out, file), 'utf8')).toBe('what was noted');
    await cli('create-account', '--key', 'other', '--name', 'Other');
    const copied = JSON.parse((await cli('import', out, '--account', 'other', '--json')).stdout);
    expect(copied).toMatchObject({ people: 2, conversations: 1, messages: 2, files: 1, opened: 1, faults: [] });
  });

  it('says which line is wrong, and exits with 1', async () => {
    const file = path.join(folder, 'wrong.ndjson');
    await writeFile(file, [JSON.stringify(header), '{"type":"user","id":"9","username":"x"}'].join('\n'));
    for (const more of [[], ['--dry-run']]) {
      const { code, stdout, stderr } = await cli('import', file, ...more);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^line 2: username: /);
      expect(stderr).toContain('the import is not complete');
    }
    expect((await cli('import')).code).toBe(2);
    expect((await cli('export')).code).toBe(2);
    expect((await cli('import', path.join(folder, randomUUID()))).stderr).toContain('there is no file or folder');
  });

  it('is exported by itself', async () => {
    await cli('create-account', '--key', 'third', '--name', 'Third');
    const out = path.join(folder, 'third');
    await cli('export', '--out', out, '--account', 'third');
    expect((await readFile(path.join(out, 'account.ndjson'), 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(expectStatus(await httpClient(server.url).call('GET', '/health/live'), 200)).toBeDefined();
  });
});
