import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectStatus, type Person, signUp } from '../support/people.ts';
import { type Bucket, openBucket } from './s3.ts';
import { announce, complete, open, startWithFiles, photo, sendTo, type AppWithFiles, upload } from './files.ts';

let bucket: Bucket;
let app: AppWithFiles;
let alice: Person;
beforeAll(async () => {
  bucket = await openBucket();
  const { endpoint = '', bucket: name, accessKeyId, secretAccessKey } = bucket.options;
  const s3 = {
    S3_ENDPOINT: endpoint,
    S3_BUCKET: name,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    S3_FORCE_PATH_STYLE: '1',
  };
  app = await startWithFiles({ env: s3 });
  alice = await signUp(app.url, 'alice');
});
afterAll(async () => {
  await app.close();
  await bucket.close();
});

it('sends an announced file to the store itself, by the same form', async () => {
  const original = await photo();
  const { id, upload: target } = expectStatus(await announce(alice, original.length, 'me.jpg'), 201);
  expect(String(target.url).startsWith(bucket.options.endpoint ?? '-')).toBe(true);
  expect(await sendTo(app.url, target, original)).toBeOneOf([200, 204]);
  expect(expectStatus(await complete(alice, id), 200)).toMatchObject({
    status: 'ready',
    type: 'image/jpeg',
    width: 900,
    hasThumbnail: true,
  });
  const kept = Buffer.from(await (await open(app.url, alice, id)).arrayBuffer());
  expect([kept.includes('CANARY'), (await sharp(kept).metadata()).width]).toEqual([false, 900]);
  expect(await app.inventory()).toEqual({ pending: 0, ready: 1, stray: [], lost: [] });
});

it('keeps what was complete when the client writes again where it was allowed to', async () => {
  const { id, upload: target } = expectStatus(await announce(alice, 5), 201);
  expect(await sendTo(app.url, target, 'first')).toBeOneOf([200, 204]);
  expectStatus(await complete(alice, id), 200);
  expect(await sendTo(app.url, target, '<svg>')).toBeOneOf([200, 204]);
  expect(await (await open(app.url, alice, id)).text()).toBe('first');
});

it('takes files with the call, and sends parts of them', async () => {
  const { id } = expectStatus(await upload(alice, 'abcdefghij', 'letters.txt'), 201);
  const part = await open(app.url, alice, id, { headers: { range: 'bytes=2-4' } });
  expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, 'cde', 'bytes 2-4/10']);
});

it('sends files of the store for signed URLs itself, whole and in parts', async () => {
  const { url } = expectStatus(await upload(alice, 'abcdefghij', 'letters.txt'), 201);
  const whole = await fetch(new URL(url, app.url), { redirect: 'error' });
  expect([whole.status, await whole.text()]).toEqual([200, 'abcdefghij']);
  const part = await fetch(new URL(url, app.url), { headers: { range: 'bytes=2-4' } });
  expect([part.status, await part.text()]).toEqual([206, 'cde']);
});

it('leaves nothing in the store of what is refused', async () => {
  const before = await app.inventory();
  expectStatus(await upload(alice, '<svg/>'), 422);
  const { id, upload: target } = expectStatus(await announce(alice, 6), 201);
  expect(await sendTo(app.url, target, '<svg/>')).toBeOneOf([200, 204]);
  expectStatus(await complete(alice, id), 422);
  expect(await app.inventory()).toEqual(before);
});
