import { crc32, deflateSync } from 'node:zlib';
import { asId } from '@coucou/domain/kernel/ids';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createFileScreen, type ScreenOptions, type StoppableScreen } from '@coucou/files/screen';

const [alice, bob] = [asId<'user'>('alice'), asId<'user'>('bob')];

const screens: StoppableScreen[] = [];
const open = (options: ScreenOptions = {}): StoppableScreen => {
  const screen = createFileScreen(options);
  screens.push(screen);
  return screen;
};
afterAll(() => Promise.all(screens.map((screen) => screen.close(0))));

const picture = (width = 9, height = 9) => sharp({ create: { width, height, channels: 3, background: 'red' } });
const png = await picture().png().toBuffer();
const once = (bytes: Uint8Array) => () => Promise.resolve(bytes);

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
};
/** Chunks between the header and the pixels of a PNG. */
const stuffed = (image: Buffer, ...chunks: Buffer[]): Buffer => Buffer.concat([image.subarray(0, 33), ...chunks, image.subarray(33)]);

describe('images that wait', () => {
  it('are read when their turn has come, and refused unread when too many wait', async () => {
    const screen = open({ mostWaiting: 1 });
    const read: string[] = [];
    const first = Promise.withResolvers<Uint8Array>();
    const image = (name: string, bytes: Promise<Uint8Array>) => () => {
      read.push(name);
      return bytes;
    };
    const encoded = [
      screen.reencode(image('first', first.promise), 'image/png', alice),
      screen.reencode(image('second', Promise.resolve(png)), 'image/png', alice),
    ];
    await expect(screen.reencode(image('third', Promise.resolve(png)), 'image/png', alice)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(read).toEqual(['first']);
    first.resolve(png);
    expect((await Promise.all(encoded)).map(({ width, height }) => [width, height])).toEqual([
      [9, 9],
      [9, 9],
    ]);
    expect(read).toEqual(['first', 'second']);
  });

  it('give their place to the next when they cannot be read', async () => {
    const screen = open();
    const lost = () => Promise.reject(new Error('the store is away'));
    const attempts = await Promise.allSettled([screen.reencode(lost, 'image/png', alice), screen.reencode(lost, 'image/png', alice)]);
    expect(attempts.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('take turns between people, however many one of them brings', async () => {
    const screen = open();
    const order: string[] = [];
    const named = (name: string) => async () => {
      order.push(name);
      return png;
    };
    const brought = ['a1', 'a2', 'a3', 'a4'].map((name) => screen.reencode(named(name), 'image/png', alice));
    await Promise.all([...brought, screen.reencode(named('b1'), 'image/png', bob)]);
    expect(order).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
  });

  it('leave no place to others when one person brings too many, and do not take theirs', async () => {
    const screen = open({ mostOfOne: 1 });
    const gate = Promise.withResolvers<Uint8Array>();
    const first = screen.reencode(() => gate.promise, 'image/png', alice);
    const second = screen.reencode(once(png), 'image/png', alice);
    await expect(screen.reencode(once(png), 'image/png', alice)).rejects.toMatchObject({ code: 'OVERLOADED' });
    const other = screen.reencode(once(png), 'image/png', bob);
    gate.resolve(png);
    await Promise.all([first, second, other]);
  });

  it('pass by a large one that is being decoded', async () => {
    const screen = open();
    let reads = 0;
    const large = picture(5_000, 4_000).png().toBuffer();
    const gate = Promise.withResolvers<void>();
    // Read a second time, it has left the queue of small images.
    const slow = screen.reencode(
      async () => {
        reads += 1;
        if (reads === 2) await gate.promise;
        return large;
      },
      'image/png',
      alice,
    );
    expect(await screen.reencode(once(png), 'image/png', alice)).toMatchObject({ width: 9 });
    gate.resolve();
    expect(await slow).toMatchObject({ width: 5_000, height: 4_000 });
  });
});

describe('an image that takes too long or too much memory', () => {
  it('is ended at the deadline, which says nothing of the image, and the next is decoded', async () => {
    const screen = open({ deadlineMs: 1, heavyDeadlineMs: 60_000 });
    await expect(screen.reencode(once(png), 'image/png', alice)).rejects.toMatchObject({ code: 'TIMEOUT', kind: 'unavailable' });
    expect(await screen.reencode(once(await picture(5_000, 4_000).png().toBuffer()), 'image/png', alice)).toMatchObject({ width: 5_000 });
  });

  it('is ended at the memory limit', async () => {
    const screen = open({ heavyMemoryBytes: 1_000_000 });
    const large = await picture(5_000, 4_000).png().toBuffer();
    await expect(screen.reencode(once(large), 'image/png', alice)).rejects.toMatchObject({
      code: 'ATTACHMENT_TYPE_REFUSED',
      details: { reason: 'memory' },
    });
  });

  it('is answered when the server stops', async () => {
    const screen = createFileScreen();
    const gate = Promise.withResolvers<Uint8Array>();
    const running = screen.reencode(() => gate.promise, 'image/png', alice);
    const waiting = screen.reencode(once(png), 'image/png', alice);
    const closed = screen.close(60_000);
    await expect(waiting).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    gate.resolve(png);
    expect(await running).toMatchObject({ width: 9 });
    await closed;
    await expect(screen.reencode(once(png), 'image/png', alice)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

describe('a bomb', () => {
  const refusal = (image: Buffer, type: string) =>
    open()
      .reencode(once(image), type, alice)
      .then(
        () => 'taken',
        (error: { details?: { reason?: string } }) => error.details?.reason ?? error,
      );

  it.each(['zTXt', 'iTXt', 'iCCP', 'teXt', 'prVt', 'eXIf'])('in a %s chunk of a PNG never reaches the decoder', async (type) => {
    const text = type === 'iTXt' ? 'k\0\u0001\0\0\0' : 'k\0\0';
    const data = Buffer.concat([Buffer.from(text, 'latin1'), deflateSync(Buffer.alloc(20_000_000))]);
    // So small a memory limit leaves room for the picture, and none for what the chunks inflate to.
    const screen = open({ memoryBytes: 150_000_000 });
    expect(await screen.reencode(once(stuffed(png, ...Array(12).fill(chunk(type, data)))), 'image/png', alice)).toMatchObject({ width: 9 });
  });

  it('of blocks is refused after so many of them', async () => {
    const empty = chunk('prVt', Buffer.alloc(0));
    expect(await refusal(stuffed(png, Buffer.alloc(empty.length * 400_000, empty)), 'image/png')).toBe('structure');
    const jpeg = await picture().jpeg().toBuffer();
    const comment = Buffer.from([0xff, 0xfe, 0, 2]);
    expect(await refusal(Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(4 * 400_000, comment), jpeg.subarray(2)]), 'image/jpeg')).toBe(
      'structure',
    );
    const gif = await picture().gif().toBuffer();
    const extension = Buffer.concat([Buffer.from([0x21, 0xfe]), Buffer.alloc(2 * 400_000, Buffer.from([1, 65])), Buffer.from([0])]);
    expect(await refusal(Buffer.concat([gif.subarray(0, -1), extension, gif.subarray(-1)]), 'image/gif')).toBe('structure');
  });

  it('of scans in a JPEG is refused', async () => {
    const jpeg = await picture(64, 64).jpeg({ progressive: true }).toBuffer();
    const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
    const scans = jpeg.subarray(scan, -2);
    expect(await refusal(Buffer.concat([jpeg.subarray(0, scan), ...Array(60).fill(scans), jpeg.subarray(-2)]), 'image/jpeg')).toBe(
      'structure',
    );
  });

  it('of frames is refused by their number, in an animated WebP and a GIF', async () => {
    const frames = sharp(
      await Promise.all(
        ['red', 'blue'].map((background) =>
          sharp({ create: { width: 9, height: 9, channels: 3, background } })
            .png()
            .toBuffer(),
        ),
      ),
      { join: { animated: true } },
    );
    const webp = await frames.clone().webp().toBuffer();
    const at = webp.indexOf('ANMF');
    const frame = webp.subarray(at, at + 8 + webp.readUInt32LE(at + 4));
    const many = Buffer.concat([webp.subarray(0, at), ...Array(100_000).fill(frame)]);
    many.writeUInt32LE(many.length - 8, 4);
    expect(await refusal(many, 'image/webp')).toBe('frames');
    const gif = await picture().gif().toBuffer();
    const image = gif.subarray(gif.indexOf(0x2c, 13 + 3 * 2 ** ((gif.readUInt8(10) & 7) + 1)), -1);
    expect(await refusal(Buffer.concat([gif.subarray(0, -1), ...Array(600).fill(image), gif.subarray(-1)]), 'image/gif')).toBe('frames');
  });

  it.each([
    ['webp', 'image/webp', 8_000, 7_000],
    ['avif', 'image/avif', 8_000, 6_000],
    ['jpeg', 'image/jpeg', 9_000, 6_000],
    ['gif', 'image/gif', 9_000, 6_000],
  ] as const)('of pixels is refused by its header: %s', async (format, type, width, height) => {
    const honest = await picture(64, 64).toFormat(format).toBuffer();
    expect(await refusal(resized(honest, format, width, height), type)).toBe('pixels');
  });

  it('whose real size is larger than its header says is not decoded', async () => {
    const large = resized(await picture(640, 640).toFormat('png').toBuffer(), 'png', 64, 64);
    expect(await refusal(large, 'image/png')).toBe('damaged');
  });
});

/** Changes what the header of an image says of its size. */
function resized(image: Buffer, format: string, width: number, height: number): Buffer {
  const bytes = Buffer.from(image);
  if (format === 'png') {
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  } else if (format === 'webp') {
    const at = bytes.indexOf('VP8 ') + 14;
    bytes.writeUInt16LE(width, at);
    bytes.writeUInt16LE(height, at + 2);
  } else if (format === 'avif') {
    const at = bytes.indexOf('ispe') + 8;
    bytes.writeUInt32BE(width, at);
    bytes.writeUInt32BE(height, at + 4);
  } else if (format === 'jpeg') {
    const at = bytes.indexOf(Buffer.from([0xff, 0xc0])) + 5;
    bytes.writeUInt16BE(height, at);
    bytes.writeUInt16BE(width, at + 2);
  } else {
    bytes.writeUInt16LE(width, 6);
    bytes.writeUInt16LE(height, 8);
  }
  return bytes;
}

describe('what the decoder does not see', () => {
  it('leaves the image as it is: orientation, palette and transparency, and a colour profile', async () => {
    const screen = open();
    const turned = picture(80, 20);
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const image = await turned.clone().toFormat(format).withMetadata({ orientation: 6 }).toBuffer();
      expect(await screen.reencode(once(image), `image/${format}`, alice)).toMatchObject({ width: 20, height: 80 });
    }
    const clear = await sharp({ create: { width: 9, height: 9, channels: 4, background: { r: 1, g: 2, b: 3, alpha: 0 } } })
      .png({ palette: true })
      .toBuffer();
    const { body } = await screen.reencode(once(clear), 'image/png', alice);
    expect((await sharp(body).ensureAlpha().raw().toBuffer())[3]).toBe(0);
    const wide = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#f00' } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const { body: narrow } = await screen.reencode(once(wide), 'image/png', alice);
    expect((await sharp(narrow).removeAlpha().raw().toBuffer())[0]).toBeGreaterThan(250);
  });
});
