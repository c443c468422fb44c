import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectStatus, type Person, signUp } from '../support/people.ts';
import { type AppWithFiles, open, photo, startWithFiles, upload } from './files.ts';

let app: AppWithFiles;
let alice: Person;

beforeAll(async () => {
  app = await startWithFiles();
  alice = await signUp(app.url, 'alice');
});
afterAll(() => app.close());

const uploaded = async (content: string | Uint8Array, name = 'x'): Promise<string> =>
  String(expectStatus(await upload(alice, content, name), 201).id);

describe('an image', () => {
  const bytes = async (id: string, thumbnail = false): Promise<Buffer> => {
    const answer = await open(app.url, alice, id, { thumbnail });
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };

  it('is shown in place, without what it told of its maker', async () => {
    const original = await photo();
    expect(original.includes('CANARY')).toBe(true);
    const answer = expectStatus(await upload(alice, original, 'me.png'), 201);
    expect(answer).toMatchObject({ status: 'ready', type: 'image/jpeg', width: 900, height: 600, hasThumbnail: true, name: 'me.png' });
    const kept = await bytes(answer.id);
    expect(kept.length).toBe(answer.size);
    expect(kept.includes('CANARY')).toBe(false);
    const { exif, xmp, iptc, icc, width } = await sharp(kept).metadata();
    expect({ exif, xmp, iptc, icc, width }).toEqual({ exif: undefined, xmp: undefined, iptc: undefined, icc: undefined, width: 900 });
    const head = await open(app.url, alice, answer.id, { method: 'HEAD' });
    expect([head.headers.get('content-type'), head.headers.get('content-disposition')?.split(';')[0]]).toEqual(['image/jpeg', 'inline']);
  });

  it('has a small picture, which tells no more', async () => {
    const id = await uploaded(await photo(2_000, 1_000), 'wide.jpg');
    const thumbnail = await bytes(id, true);
    const { format, width, height, exif } = await sharp(thumbnail).metadata();
    expect({ format, width, height, exif }).toEqual({ format: 'webp', width: 512, height: 256, exif: undefined });
    const none = await open(app.url, alice, await uploaded('no image'), { thumbnail: true });
    await none.arrayBuffer();
    expect(none.status).toBe(404);
  });

  it.each(['png', 'webp', 'gif', 'avif'] as const)('stays a %s', async (format) => {
    const original = await sharp({ create: { width: 40, height: 30, channels: 4, background: '#08f8' } })
      .toFormat(format)
      .toBuffer();
    const answer = expectStatus(await upload(alice, original, 'x'), 201);
    expect([answer.type, answer.width, answer.height]).toEqual([`image/${format}`, 40, 30]);
    const { width, height } = await sharp(await bytes(answer.id)).metadata();
    expect([width, height]).toEqual([40, 30]);
  });

  it('stands upright, as its orientation said', async () => {
    const turned = await sharp({ create: { width: 80, height: 20, channels: 3, background: 'red' } })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const answer = expectStatus(await upload(alice, turned), 201);
    expect([answer.width, answer.height]).toEqual([20, 80]);
  });

  it('keeps its frames', async () => {
    const colours = await Promise.all(
      ['red', 'green', 'blue'].map((background) =>
        sharp({ create: { width: 50, height: 40, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const gif = await sharp(colours, { join: { animated: true } })
      .gif()
      .toBuffer();
    const answer = expectStatus(await upload(alice, gif), 201);
    expect([answer.type, answer.width, answer.height]).toEqual(['image/gif', 50, 40]);
    expect((await sharp(await bytes(answer.id), { animated: true }).metadata()).pages).toBe(3);
  });

  it('loses whatever else it was', async () => {
    const page = '<html><script>alert("CANARY")</script></html>';
    const gif = Buffer.concat([
      await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
        .gif()
        .toBuffer(),
      Buffer.from(page),
    ]);
    const jpeg = Buffer.concat([await photo(60, 60), Buffer.from('PK\u0003\u0004CANARY'), Buffer.from(page)]);
    for (const polyglot of [gif, jpeg]) {
      const id = await uploaded(polyglot, 'x.html');
      expect((await bytes(id)).includes('CANARY')).toBe(false);
    }
  });
});
