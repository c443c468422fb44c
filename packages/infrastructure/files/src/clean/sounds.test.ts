import { patchesOf } from './clean.ts';
import { describe, expect, it } from 'vitest';
import { box, cleaned, expectClean, full, handler, le32, PICTURE, SECRET, text, u32 } from './samples.ts';

/** Checksum of an Ogg page, written bit by bit. */
function checksum(page: Buffer): number {
  let sum = 0;
  for (const byte of page) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}

/** Pages of one stream, each with these packets or pieces of them. */
function ogg(...pages: readonly (readonly Buffer[])[]): Buffer {
  return Buffer.concat(
    pages.map((packets, index) => {
      const segments = packets.flatMap((packet) => [
        ...Array(Math.floor(packet.length / 255)).fill(255),
        ...(packet.length % 255 === 0 ? [] : [packet.length % 255]),
      ]);
      const page = Buffer.concat([
        text('OggS\0'),
        Buffer.from([index === 0 ? 2 : 0]),
        Buffer.alloc(8),
        le32(77),
        le32(index),
        le32(0),
        Buffer.from([segments.length, ...segments]),
        ...packets,
      ]);
      page.writeUInt32LE(checksum(page), 22);
      return page;
    }),
  );
}
/** A page of a stream that holds two empty packets. */
const emptyPage = (serial: number): Buffer =>
  Buffer.concat([text('OggS'), Buffer.alloc(10), le32(serial), Buffer.alloc(8), Buffer.from([2, 0, 0])]);
const comments = (...list: string[]): Buffer =>
  Buffer.concat([le32(4), text('made'), le32(list.length), ...list.flatMap((each) => [le32(each.length), text(each)])]);

describe('a sound', () => {
  const id3 = (flags: number, content: Buffer, footer: Buffer = Buffer.alloc(0)): Buffer =>
    Buffer.concat([text('ID3\u0004\0'), Buffer.from([flags, 0, 0, content.length >> 7, content.length & 127]), content, footer]);
  const frames = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0]), PICTURE]);
  const chunk = (type: string, content: Buffer, size = le32): Buffer =>
    Buffer.concat([text(type), size(content.length), content, Buffer.alloc(content.length % 2)]);

  it.each([
    ['MP3 with a tag at its beginning', 'audio/mpeg', Buffer.concat([id3(0, text(`GEOB${SECRET}`)), frames])],
    [
      'MP3 with two tags, one with a footer',
      'audio/mpeg',
      Buffer.concat([id3(0x10, text(SECRET), text('3DI\u0004\0\u0010\0\0\0\0')), id3(0x40, text(SECRET)), frames]),
    ],
    [
      'MP3 with tags at its end',
      'audio/mpeg',
      Buffer.concat([
        frames,
        text(`APETAGEX`),
        le32(2_000),
        le32(32 + SECRET.length),
        le32(1),
        le32(0xa0000000),
        Buffer.alloc(8),
        text(SECRET),
        text('APETAGEX'),
        le32(2_000),
        le32(32 + SECRET.length),
        le32(1),
        le32(0x80000000),
        Buffer.alloc(8),
        text(`TAG${SECRET}`.padEnd(128)),
      ]),
    ],
    [
      'FLAC',
      'audio/flac',
      Buffer.concat([
        text('fLaC'),
        Buffer.from([0, 0, 0, 34]),
        Buffer.alloc(34),
        Buffer.from([4, 0, 0, SECRET.length]),
        text(SECRET),
        Buffer.from([0x86, 0, 0, SECRET.length]),
        text(SECRET),
        frames,
      ]),
    ],
    [
      'WAV',
      'audio/wav',
      Buffer.concat([
        text('RIFF'),
        le32(0),
        text('WAVE'),
        chunk('fmt ', Buffer.alloc(16)),
        chunk('LIST', text(`INFOIPLC${SECRET}`)),
        chunk('bext', text(SECRET)),
        chunk('data', PICTURE),
        chunk('id3 ', text(SECRET)),
      ]),
    ],
    [
      'AIFF',
      'audio/aiff',
      Buffer.concat([
        text('FORM'),
        u32(0),
        text('AIFF'),
        chunk('ANNO', text(SECRET), u32),
        chunk('SSND', PICTURE, u32),
        chunk('ID3 ', text(SECRET), u32),
      ]),
    ],
    [
      'M4A',
      'audio/x-m4a',
      Buffer.concat([
        box('ftyp', text('M4A '), u32(0)),
        box('moov', box('udta', full('meta', 0, handler('mdir'), box('ilst', text(SECRET))))),
        box('mdat', PICTURE),
      ]),
    ],
    [
      'MP3 with tags of many kinds at its end',
      'audio/mpeg',
      Buffer.concat([
        frames,
        id3(0x10, text(SECRET), text('3DI\u0004\0\u0010\0\0\0').subarray(0, 9)),
        Buffer.from([SECRET.length]),
        text(`LYRICSBEGIN${SECRET}LYRICSEND`),
        text(`LYRICSBEGIN${SECRET}${String(11 + SECRET.length).padStart(6, '0')}LYRICS200`),
        text(`TAG+${SECRET}`.padEnd(227)),
        text(`TAG${SECRET}`.padEnd(128)),
      ]),
    ],
  ])('loses its tags and keeps its length: %s', async (_which, type, bytes) => {
    await expectClean(bytes, type);
  });

  it.each([
    ['Vorbis', '\u0003vorbis', '\u0001'],
    ['Opus', 'OpusTags', ''],
    ['Speex', '', ''],
  ])('loses its comments, over several pages, and every page has its checksum: %s', async (_codec, prefix, suffix) => {
    const packet = Buffer.concat([text(prefix), comments(`LOCATION=${SECRET}`, `PICTURE=${SECRET.repeat(40)}`, ''), text(suffix)]);
    const bytes = ogg([text('head')], [packet.subarray(0, 510)], [packet.subarray(510)], [PICTURE]);
    const whole = await expectClean(bytes, 'audio/ogg');
    for (let at = 0; at < whole.length; ) {
      const count = whole.readUInt8(at + 26);
      const end = at + 27 + count + whole.subarray(at + 27, at + 27 + count).reduce((sum, each) => sum + each, 0);
      const page = Buffer.from(whole.subarray(at, end));
      const sum = page.readUInt32LE(22);
      page.writeUInt32LE(0, 22);
      expect(sum).toBe(checksum(page));
      at = end;
    }
  });
});

describe('a file that asks for endless work is refused', () => {
  const lists = Buffer.from('LIST\u00ff\u00ff\u00ff\u007fhdrl', 'latin1');
  it.each([
    [
      'Ogg of ever more streams',
      'audio/ogg',
      Buffer.concat([ogg([text('head')]), ...Array.from({ length: 200 }, (_, serial) => emptyPage(1_000 + serial))]),
    ],
    ['MP3 of ever more tags', 'audio/mpeg', Buffer.alloc(10_000, Buffer.from('ID3\u0004\0\0\0\0\0\0', 'latin1'))],
    ['MP3 of ever more tags at its end', 'audio/mpeg', Buffer.alloc(128 * 200, text('TAG'.padEnd(128)))],
    ['AVI of ever more chunks', 'video/vnd.avi', Buffer.concat([text('RIFF'), le32(0), text('AVI '), Buffer.alloc(900_000)])],
  ])('%s', async (_which, type, bytes) => {
    await expect(cleaned(bytes, type)).rejects.toMatchObject({ details: { reason: 'structure' } });
  });

  it('or not followed: lists in lists', async () => {
    const bytes = Buffer.concat([text('RIFF'), le32(0), text('AVI '), Buffer.alloc(lists.length * 100_000, lists)]);
    let reads = 0;
    const read = async (start: number, end: number) => {
      reads += 1;
      return Buffer.from(bytes.subarray(start, end));
    };
    expect(await patchesOf({ size: bytes.length, read }, 'video/vnd.avi')).toEqual([]);
    expect(reads).toBeLessThan(5);
  });
});

describe('a film of another container', () => {
  const element = (id: string, content: Buffer | undefined): Buffer =>
    Buffer.concat([
      Buffer.from(id, 'hex'),
      content === undefined ? Buffer.from('01ffffffffffffff', 'hex') : Buffer.from([0x40 | (content.length >> 8), content.length & 255]),
      ...(content === undefined ? [] : [content]),
    ]);

  it.each([
    ['WebM', (segment: Buffer) => element('18538067', segment), element('1f43b675', element('a3', PICTURE))],
    [
      'WebM that was sent while it was made',
      (segment: Buffer) => Buffer.concat([element('18538067', undefined), segment]),
      Buffer.concat([element('1f43b675', undefined), element('a3', PICTURE)]),
    ],
  ])('loses its tags and attachments: %s', async (_which, segment, cluster) => {
    const info = element(
      '1549a966',
      Buffer.concat([element('7ba9', text(SECRET)), element('4461', text(SECRET)), element('2ad7b1', text('1'))]),
    );
    const tags = [info, element('1254c367', text(SECRET)), element('1941a469', text(SECRET)), element('1254c367', Buffer.alloc(1))];
    await expectClean(
      Buffer.concat([element('1a45dfa3', text('webm')), segment(Buffer.concat([...tags, cluster, ...tags]))]),
      'video/webm',
    );
  });

  it('loses what its lists tell: AVI', async () => {
    const chunk = (type: string, content: Buffer): Buffer =>
      Buffer.concat([text(type), le32(content.length), content, Buffer.alloc(content.length % 2)]);
    const head = chunk('LIST', Buffer.concat([text('hdrl'), chunk('avih', Buffer.alloc(56)), chunk('IDIT', text(SECRET))]));
    const movie = chunk('LIST', Buffer.concat([text('movi'), chunk('00dc', PICTURE)]));
    await expectClean(
      Buffer.concat([text('RIFF'), le32(0), text('AVI '), head, chunk('LIST', text(`INFOISFT${SECRET}`)), movie]),
      'video/vnd.avi',
    );
  });
});
