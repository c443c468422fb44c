import { AttachmentSettings } from '@coucou/application/attachments/attachment-settings';
import { FileStore } from '@coucou/application/ports/file-store';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { collectAttachments, collectPorts, type CollectOptions } from '@coucou/application/attachments/collect-attachments';
import type { Container } from '@coucou/server/composition/container';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvironmentOptions } from '../support/environment.ts';
import { expectStatus, openGroup, type Person, signUp } from '../support/people.ts';
import { announce, complete, open, startWithFiles, photo, send, sendTo, type AppWithFiles, upload } from './files.ts';

const reconcileFiles = (container: Container, options: CollectOptions) => collectAttachments(container.portsOf(collectPorts), options);

const QUOTA = 1_000_000;
async function* oneByte() {
  yield new Uint8Array([1]);
}
const fail = (): never => {
  throw new Error('there is no account');
};
const all = { files: true, rows: true, dryRun: false };

/** What holds in the database alike on both engines; the embedded one has one connection, PostgreSQL real races. */
export function quotaSuite(name: string, options: () => Promise<EnvironmentOptions>): void {
  describe(`the room for files, on ${name}`, () => {
    let app: AppWithFiles;
    beforeAll(async () => {
      app = await startWithFiles({ ...(await options()), env: { ATTACHMENT_QUOTA: String(QUOTA), MAX_ATTACHMENT: '400000' } });
    });
    afterAll(() => app.close());

    const count = (answers: readonly { status: number }[]) => {
      const counts: Record<number, number> = {};
      for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
      return counts;
    };

    it('is not exceeded by twenty announcements at once', async () => {
      const alice = await signUp(app.url, 'alice');
      const answers = await Promise.all(Array.from({ length: 20 }, () => announce(alice, QUOTA / 5)));
      expect(count(answers)).toEqual({ 201: 5, 402: 15 });
      const refused = answers.find(({ status }) => status === 402);
      expect([refused?.body.code, refused?.body.details]).toEqual([
        'PLAN_LIMIT_REACHED',
        { limit: 'attachments', allowed: QUOTA, used: QUOTA, wanted: QUOTA / 5 },
      ]);
    });

    it('is not exceeded by twenty uploads at once, and what was refused leaves nothing', async () => {
      const bob = await signUp(app.url, 'bob');
      const before = await app.inventory();
      const answers = await Promise.all(Array.from({ length: 20 }, () => upload(bob, Buffer.alloc(150_000, 1))));
      const { 201: taken = 0, 402: refused = 0 } = count(answers);
      expect([taken, refused]).toEqual([6, 14]);
      expect(await app.inventory()).toEqual({ ...before, ready: before.ready + taken });
      // Nobody else's room is taken.
      expectStatus(await upload(await signUp(app.url, 'carol'), Buffer.alloc(150_000, 1)), 201);
    });

    it('counts what is kept, thumbnails included, and no longer what was announced', async () => {
      const dan = await signUp(app.url, 'dan');
      const image = await photo(600, 400);
      const { id, upload: target } = expectStatus(await announce(dan, image.length), 201);
      expect(await sendTo(app.url, target, image)).toBe(204);
      const { size } = expectStatus(await complete(dan, id), 200);
      const thumbnail = (await (await open(app.url, dan, id, { thumbnail: true })).arrayBuffer()).byteLength;
      const { maxBytes } = app.container.resolve(AttachmentSettings);
      expect(maxBytes).toBe(400_000);
      const room = QUOTA - size - thumbnail;
      expectStatus(await announce(dan, 400_000), 201);
      expectStatus(await announce(dan, 400_000), 201);
      expectStatus(await announce(dan, room - 800_000 + 1), 402);
      expectStatus(await announce(dan, room - 800_000), 201);
      expectStatus(await announce(dan, 1), 402);
    });
  });

  describe(`the collector, on ${name}`, () => {
    let app: AppWithFiles;
    let alice: Person;
    beforeAll(async () => {
      app = await startWithFiles(await options());
      alice = await signUp(app.url, 'alice');
    });
    afterAll(() => app.close());

    const uploaded = async (content: string | Uint8Array = 'some text'): Promise<string> =>
      String(expectStatus(await upload(alice, content), 201).id);

    it('takes what was given up and what nobody uses, and nothing else', async () => {
      const group = await openGroup(alice);
      const [used, unused, deleted] = [await uploaded(), await uploaded(await photo(50, 50)), await uploaded()];
      expectStatus(await send(alice, group.id, [used]), 201);
      const message = expectStatus(await send(alice, group.id, [deleted]), 201);
      expectStatus(await alice.http.call('DELETE', `/api/v1/messages/${message.id}?for=everyone`), 200, 204);
      const { upload: target } = expectStatus(await announce(alice, 4), 201);
      expect(await sendTo(app.url, target, 'half')).toBe(204);

      expect(await reconcileFiles(app.container, all)).toEqual({ expired: 0, strayFiles: 0, lost: [] });
      app.advance(3_601);
      expect(await reconcileFiles(app.container, { ...all, dryRun: true })).toMatchObject({ expired: 1, strayFiles: 0 });
      expect(await app.inventory()).toMatchObject({ pending: 1, ready: 3 });
      expect(await reconcileFiles(app.container, all)).toMatchObject({ expired: 1 });
      expect(await app.inventory()).toEqual({ pending: 0, ready: 3, stray: [], lost: [] });

      app.advance(86_400);
      expect(await reconcileFiles(app.container, all)).toMatchObject({ expired: 2, strayFiles: 0, lost: [] });
      expect(await app.inventory()).toEqual({ pending: 0, ready: 1, stray: [], lost: [] });
      const token = expectStatus(
        await alice.http.call('POST', '/api/v1/auth/login', { identifier: alice.username, password: alice.password }),
        200,
      );
      const again = { ...alice, accessToken: String(token.accessToken) };
      expect([(await open(app.url, again, used)).status, (await open(app.url, again, unused)).status]).toEqual([200, 404]);
    });

    it('takes files that no row names, once no upload can be about to name them', async () => {
      const files = app.container.resolve(FileStore);
      const young = await startWithFiles(await options());
      try {
        const [account] = await young.container.resolve(Transactions).system('files', (tx) => tx.listAccounts());
        const store = young.container.resolve(FileStore);
        await store.put(store.newKey(account ?? fail()), oneByte(), { maxBytes: 1 });
        expect(await reconcileFiles(young.container, all)).toMatchObject({ strayFiles: 0 });
        expect((await young.inventory()).stray).toHaveLength(1);
      } finally {
        await young.close();
      }
      const [account] = await app.container.resolve(Transactions).system('files', (tx) => tx.listAccounts());
      const kept = (await app.inventory()).ready;
      const strays = [files.newKey(account ?? fail()), files.newKey('00000000-0000-7000-8000-000000000000' as AccountId)];
      for (const key of strays) {
        await files.put(key, oneByte(), { maxBytes: 1 });
      }
      // This server's clock is a day ahead of the disk's by now: to it the files are old.
      expect(await reconcileFiles(app.container, { ...all, dryRun: true })).toMatchObject({ strayFiles: 2 });
      expect(await reconcileFiles(app.container, { ...all, stopping: { aborted: true } })).toMatchObject({ strayFiles: 0 });
      expect(new Set((await app.inventory()).stray)).toEqual(new Set(strays));
      expect(await reconcileFiles(app.container, all)).toEqual({ expired: 0, strayFiles: 2, lost: [] });
      expect(await app.inventory()).toEqual({ pending: 0, ready: kept, stray: [], lost: [] });
    });

    it('and a message that uses a file at that moment agree on which of them came first', async () => {
      const group = await openGroup(alice);
      const ids = await Promise.all(Array.from({ length: 12 }, () => uploaded()));
      const used = (await app.inventory()).ready - ids.length;
      app.advance(86_401);
      const sent = ids.map((id) => send(alice, group.id, [id]));
      const [answers] = await Promise.all([Promise.all(sent), reconcileFiles(app.container, all), reconcileFiles(app.container, all)]);
      let taken = 0;
      for (const [at, { status, body }] of answers.entries()) {
        if (status === 201) taken += 1;
        expect([undefined, 'ATTACHMENT_NOT_FOUND', 'REFERENCE_INVALID']).toContain(body.code);
        const opened = await open(app.url, alice, ids[at] ?? '');
        await opened.arrayBuffer();
        expect([ids[at], opened.status]).toEqual([ids[at], status === 201 ? 200 : 404]);
      }
      expect(await app.inventory()).toEqual({ pending: 0, ready: used + taken, stray: [], lost: [] });
    });

    it('tells of files that are gone, and keeps their rows', async () => {
      const files = app.container.resolve(FileStore);
      const before = await app.inventory();
      const gone = [];
      for await (const { key } of files.list()) gone.push(key);
      await files.delete(gone);
      const { lost } = await reconcileFiles(app.container, all);
      expect(lost).toHaveLength(before.ready);
      expect((await app.inventory()).ready).toBe(before.ready);
      expect((await open(app.url, alice, String(lost[0]))).status).toBeOneOf([401, 404]);
    });
  });
}
