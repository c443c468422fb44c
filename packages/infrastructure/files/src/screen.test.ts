import sharp from 'sharp';
import { expect, it } from 'vitest';
import { createFileScreen } from './screen.ts';

it('reads an image when its turn has come, and refuses what would wait too long unread', async () => {
  const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const screen = createFileScreen({ concurrency: 1, queueLimit: 1 });
  const read: string[] = [];
  const first = Promise.withResolvers<Uint8Array>();
  const image = (name: string, bytes: Promise<Uint8Array>) => () => {
    read.push(name);
    return bytes;
  };
  const encoded = [
    screen.reencode(image('first', first.promise), 'image/png'),
    screen.reencode(image('second', Promise.resolve(png)), 'image/png'),
  ];
  await expect(screen.reencode(image('third', Promise.resolve(png)), 'image/png')).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect(read).toEqual(['first']);
  first.resolve(png);
  expect((await Promise.all(encoded)).map(({ width, height }) => [width, height])).toEqual([
    [9, 9],
    [9, 9],
  ]);
  expect(read).toEqual(['first', 'second']);
});

it('gives its place to the next when an image cannot be read', async () => {
  const screen = createFileScreen({ concurrency: 1 });
  const lost = () => Promise.reject(new Error('the store is away'));
  const attempts = await Promise.allSettled([screen.reencode(lost, 'image/png'), screen.reencode(lost, 'image/png')]);
  expect(attempts.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
