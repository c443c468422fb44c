import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { collectAttachments, collectPorts } from '@coucou/application/attachments/collect-attachments';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import { asId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectStatus, type Person, signUp } from '../support/people.ts';
import { until } from '../support/until.ts';
import { announce, complete, open, startWithFiles, photo, sendTo, type AppWithFiles, upload } from './files.ts';

let app: AppWithFiles;
let alice: Person;
beforeAll(async () => {
  app = await startWithFiles({ env: { MAX_ATTACHMENT: '200000' } });
  alice = await signUp(app.url, 'alice');
});
afterAll(() => app.close());

describe('an announced upload', () => {
  it('takes no more than announced, and can be sent again when less came', async () => {
    const before = await app.inventory();
    const { id, upload: target } = (await announce(alice, 20)).body;
    expect(await sendTo(app.url, target, 'x'.repeat(21))).toBe(413);
    expect((await app.inventory()).stray).toEqual([]);

    const none = await complete(alice, id);
    expect([none.status, none.body.code, none.body.details]).toEqual([409, 'ATTACHMENT_INCOMPLETE', { announced: 20, received: 0 }]);
    expect(await sendTo(app.url, target, 'too short')).toBe(204);
    const short = await complete(alice, id);
    expect([short.status, short.body.code, short.body.details]).toEqual([409, 'ATTACHMENT_INCOMPLETE', { announced: 20, received: 9 }]);

    expect(await sendTo(app.url, target, 'y'.repeat(20))).toBe(204);
    const done = await complete(alice, id);
    expect([done.status, done.body.status, done.body.type, done.body.size]).toEqual([200, 'ready', 'text/plain', 20]);
    expect(await app.inventory()).toEqual({ ...before, ready: before.ready + 1 });
  });

  /** Begins to send to a target, and falls silent. Answers what the server says in the end. */
  const stall = (target: { url: string; fields: Record<string, string> }, announced: number, sent: number): Promise<string> => {
    const { hostname, port, pathname } = new URL(target.url, app.url);
    const part = (headers: string, value: string) => `--q\r\nContent-Disposition: form-data; ${headers}\r\n\r\n${value}`;
    const before = `${part('name="grant"', target.fields.grant ?? '')}\r\n${part('name="file"; filename="a"', '')}`;
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST ${pathname} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=q\r\nContent-Length: ${before.length + announced + 9}\r\n\r\n`,
        );
        socket.write(Buffer.concat([Buffer.from(before), Buffer.alloc(sent, 3)]));
      });
      socket.setEncoding('utf8').on('data', (text: string) => {
        answer += text;
        if (answer.includes('"requestId"')) socket.destroy();
      });
      socket.on('error', () => {}).on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''));
    });
  };

  it('is received once at a time: who sends it again ends what was sent before', async () => {
    const before = await app.inventory();
    const { id, upload: target } = (await announce(alice, 150_000)).body;
    const stalled = Array.from({ length: 30 }, () => stall(target, 150_000, 100_000));
    // All but the latest are answered; it alone has begun a file.
    const settled: string[] = [];
    for (const each of stalled) void each.then((status) => settled.push(status));
    await until(() => settled.length === 29, { what: 'the earlier ones to be answered' });
    expect(new Set(settled)).toEqual(new Set(['HTTP/1.1 409 Conflict']));
    await until(async () => (await app.inventory()).stray.length <= 1, { what: 'one file at most' });
    expect(await sendTo(app.url, target, Buffer.alloc(150_000, 4))).toBe(204);
    expect((await complete(alice, id)).status).toBe(200);
    await Promise.all(stalled);
    expect(settled).toHaveLength(30);
    expect(await app.inventory()).toEqual({ ...before, ready: before.ready + 1 });
  });

  it('is no longer received when it was given up, for its room is free again', async () => {
    const before = await app.inventory();
    const page = `<html>${'x'.repeat(100_000)}</html>`;
    const { id, upload: target } = (await announce(alice, page.length)).body;
    expect(await sendTo(app.url, target, page)).toBe(204);
    const stalled = stall(target, page.length, 90_000);
    await until(async () => (await app.inventory()).stray.length === before.stray.length + 2, { what: 'the beginning of a second file' });
    expect((await complete(alice, id)).body.code).toBe('ATTACHMENT_TYPE_REFUSED');
    expect(await stalled).toBe('HTTP/1.1 404 Not Found');
    expect(await app.inventory()).toEqual(before);
  });

  it('is no longer received when its time is over', async () => {
    const { stray } = await app.inventory();
    const { upload: target } = (await announce(alice, 150_000)).body;
    const stalled = stall(target, 150_000, 90_000);
    await until(async () => (await app.inventory()).stray.length === stray.length + 1, { what: 'the beginning of a file' });
    app.advance(3_601);
    await collectAttachments(app.container.portsOf(collectPorts), { files: false, rows: false, dryRun: false });
    expect(await stalled).toBe('HTTP/1.1 404 Not Found');
    app.advance(-3_601);
  });

  it('is given up with its row and its file when its content is refused', async () => {
    const before = await app.inventory();
    const page = '<html>hello</html>';
    const { id, upload: target } = (await announce(alice, page.length, 'cat.png')).body;
    expect(await sendTo(app.url, target, page)).toBe(204);
    expect((await complete(alice, id)).body.code).toBe('ATTACHMENT_TYPE_REFUSED');
    expect((await complete(alice, id)).body.code).toBe('ATTACHMENT_NOT_FOUND');
    expect(await app.inventory()).toEqual(before);
  });

  it('takes nothing without its own grant, and nothing once it is complete', async () => {
    const bob = await signUp(app.url, 'bob');
    const mine = (await announce(alice, 5)).body;
    const other = (await announce(bob, 5)).body;
    const at = (id: string, fields: Record<string, string>) =>
      sendTo(app.url, { url: `/api/v1/attachments/${id}/content`, fields }, 'hello');
    const [claims = '', signature = ''] = String(mine.upload.fields.grant).split('.');
    const wider = Buffer.from(Buffer.from(claims, 'base64url').toString().replace(',5,', ',5000,')).toString('base64url');
    for (const fields of [
      {},
      { grant: '' },
      { grant: 'a.b' },
      { grant: `${wider}.${signature}` },
      { grant: `${claims}.` },
      other.upload.fields,
    ])
      expect(await at(mine.id, fields)).toBe(403);
    expect((await complete(bob, mine.id)).body.code).toBe('ATTACHMENT_NOT_FOUND');
    // Whoever names an account or a person besides the grant names the grant's.
    const named = (headers: Record<string, string>) => sendTo(app.url, mine.upload, 'hello', headers);
    expect(await named({ authorization: `Bearer ${bob.accessToken}` })).toBe(403);
    expect(await named({ 'x-client-key': 'nobody' })).toBe(401);
    const clientKey = randomUUID();
    await app.container
      .resolve(Transactions)
      .system('accounts', (tx) => tx.addAccount({ id: asId(randomUUID()), name: 'Other', clientKey, createdAt: new Date() }));
    expect(await named({ 'x-client-key': clientKey })).toBe(403);
    expect(await named({ authorization: `Bearer ${(await signUp(app.url, 'eve', { clientKey })).accessToken}` })).toBe(403);
    expect(await named({ authorization: `Bearer ${alice.accessToken}`, 'x-client-key': 'default' })).toBe(204);

    expect(await at(mine.id, mine.upload.fields)).toBe(204);
    expect((await complete(alice, mine.id)).status).toBe(200);
    expect(await at(mine.id, mine.upload.fields)).toBe(404);
    const answer = await open(app.url, alice, mine.id);
    expect(await answer.text()).toBe('hello');
    const again = await complete(alice, mine.id);
    expect([again.status, again.body.status]).toEqual([200, 'ready']);
  });

  it('becomes one file when it is completed ten times at once', async () => {
    const before = await app.inventory();
    const image = await photo(300, 200);
    const { id, upload: target } = (await announce(alice, image.length)).body;
    expect(await sendTo(app.url, target, image)).toBe(204);
    const answers = await Promise.all(Array.from({ length: 10 }, () => complete(alice, id)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.size)).size).toBe(1);
    const after = await app.inventory();
    expect(after).toEqual({ ...after, ready: before.ready + 1, stray: [], lost: [] });
  });

  it('ends after an hour', async () => {
    const { id, upload: target } = (await announce(alice, 5)).body;
    app.advance(3_601);
    expect(await sendTo(app.url, target, 'hello')).toBe(404);
    expect((await complete(alice, id)).body.code).toBe('ATTACHMENT_NOT_FOUND');
  });
});

describe('a file, however it is uploaded,', () => {
  it.each(['say "hi".txt', 'two\r\nlines.txt', 'a%41 100%.txt', 'évil 猫 \u202e.txt', 'dir/a"b.txt'])(
    'has the same name by a form as by an announcement: %j',
    async (name) => {
      const label = expectStatus(await announce(alice, 1, name), 201).name;
      expect(expectStatus(await upload(alice, 'x', name), 201).name).toBe(label);
    },
  );

  it('is a film without the place where it was taken, and a BMP as it came', async () => {
    const box = (type: string, content: Buffer): Buffer => {
      const head = Buffer.alloc(8);
      head.writeUInt32BE(8 + content.length, 0);
      head.write(type, 4, 'latin1');
      return Buffer.concat([head, content]);
    };
    const place = box('udta', box('\u00a9xyz', Buffer.from('CANARY+48.8584+002.2945/')));
    const film = Buffer.concat([box('ftyp', Buffer.from('qt  \0\0\0\0qt  ')), box('mdat', Buffer.from('the picture')), box('moov', place)]);
    const bitmap = Buffer.concat([Buffer.from('BM'), Buffer.alloc(64)]);
    for (const [content, type] of [
      [film, 'video/quicktime'],
      [bitmap, 'image/bmp'],
    ] as const) {
      const { id, type: found, size } = expectStatus(await upload(alice, content), 201);
      const answer = await open(app.url, alice, id);
      const kept = Buffer.from(await answer.arrayBuffer());
      expect([found, size, kept.length, kept.includes('CANARY')]).toEqual([type, content.length, content.length, false]);
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
    }
    expect((await app.inventory()).stray).toEqual([]);
  });
});
