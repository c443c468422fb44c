import { describe, expect, it } from 'vitest';
import { patchesOf } from './clean.ts';
import { box, cleaned, expectClean, full, handler, PICTURE, SECRET, text, u32 } from './samples.ts';

const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>${SECRET}</exif:GPSLatitude></x:xmpmeta>`;

/** A film: a track with the picture, and one with the positions of the camera, in this sample format. */
function film({ format = 'mebx', wide = false, first = true }: { format?: string; wide?: boolean; first?: boolean } = {}): Buffer {
  const track = (kind: string, entry: string, offsets: number[], sizes: number[], ...more: Buffer[]): Buffer => {
    const places = wide
      ? [full('co64', 0, u32(offsets.length), ...offsets.flatMap((each) => [u32(0), u32(each)]))]
      : [full('stco', 0, u32(offsets.length), ...offsets.map(u32))];
    const table = box(
      'stbl',
      full('stsd', 0, u32(1), box(entry, Buffer.alloc(8))),
      full('stsz', 0, u32(0), u32(sizes.length), ...sizes.map(u32)),
      full('stsc', 0, u32(1), u32(1), u32(1), u32(1)),
      ...places,
    );
    return box('trak', full('tkhd', 0, Buffer.alloc(80)), box('mdia', handler(kind), box('minf', table)), ...more);
  };
  const movie = (at: number) =>
    box(
      'moov',
      full('mvhd', 0, Buffer.alloc(96)),
      track('vide', 'avc1', [at], [PICTURE.length], box('udta', full('loci', 0, text(SECRET)))),
      track('meta', format, [at + PICTURE.length, at + PICTURE.length + 60], [SECRET.length, SECRET.length]),
      box('udta', box('©xyz', text(SECRET)), full('meta', 0, handler('mdir'), box('ilst', text(SECRET)))),
      box('meta', handler('mdta'), full('keys', 0, text(`com.apple.quicktime.location.ISO6709 ${SECRET}`))),
    );
  const media = Buffer.concat([PICTURE, Buffer.alloc(120, ' ')]);
  media.write(SECRET, PICTURE.length, 'latin1');
  media.write(SECRET, PICTURE.length + 60, 'latin1');
  const head = box('ftyp', text('qt  '), u32(0), text('qt  '));
  const tail = [
    box('uuid', Buffer.from('be7acfcb97a942e89c71999491e3afac', 'hex'), text(xmp)),
    box('free', text(SECRET)),
    box('meta', Buffer.alloc(4), handler('mdta'), text(SECRET)),
  ];
  const at = first ? head.length + movie(0).length + 8 : head.length + 8;
  return Buffer.concat([head, ...(first ? [movie(at), box('mdat', media)] : [box('mdat', media), movie(at)]), ...tail]);
}

describe('a film', () => {
  it.each([
    ['of an iPhone', {}, 'video/quicktime'],
    ['with its tables behind the picture', { first: false }, 'video/quicktime'],
    ['of an action camera, with wide offsets', { format: 'gpmd', wide: true }, 'video/mp4'],
  ])('%s no longer says where it was taken', async (_which, options, type) => {
    const bytes = film(options);
    const whole = await expectClean(bytes, type);
    const types = (file: Buffer) => {
      const found: string[] = [];
      for (let at = 0; at < file.length; at += file.readUInt32BE(at)) found.push(file.toString('latin1', at + 4, at + 8));
      return found;
    };
    expect(types(whole)).toEqual(types(bytes).map((each) => (each === 'uuid' || each === 'meta' ? 'free' : each)));
  });

  it('with a box of 64 bits, and one that reaches to the end, is followed', async () => {
    const large = Buffer.concat([u32(1), text('udta'), u32(0), u32(16 + SECRET.length), text(SECRET)]);
    const rest = Buffer.concat([u32(0), text('udta'), text(SECRET)]);
    await expectClean(Buffer.concat([box('ftyp', text('isom'), u32(0)), box('mdat', PICTURE), box('moov', large), rest]), 'video/mp4');
  });

  it.each([
    ['of a picture that moves', box('mpvd', film()), 'image/heic'],
    ['of a dashboard camera', Buffer.alloc(0), 'video/mp4'],
    ['that other programs added boxes to', box('gps0', text(SECRET)), 'video/mp4'],
    ['that comes in fragments', box('moof', box('traf', box('udta', text(SECRET)), box('trun')), box('meta', text(SECRET))), 'video/mp4'],
  ])('%s no longer says where it was taken', async (_which, added, type) => {
    const head = box('ftyp', text('isom'), u32(0));
    const media = box('mdat', PICTURE, text(SECRET));
    const places = box('gps ', u32(257), u32(1), u32(head.length + 8 + PICTURE.length), u32(SECRET.length));
    const media2 = box('mdia', box('udta', text(SECRET)), box('minf', box('meta', text(SECRET))));
    const items = full('iinf', 0, Buffer.from([0, 0]));
    const image = full('meta', 0, handler('pict'), items, full('iloc', 0, Buffer.alloc(4)), box('xml ', text(SECRET)));
    await expectClean(Buffer.concat([head, media, box('moov', places, box('trak', media2)), image, added]), type);
  });

  it('whose samples are one place, again and again, is overwritten once', async () => {
    const media = box('mdat', PICTURE, text(SECRET.repeat(80_000)));
    const head = box('ftyp', text('isom'), u32(0));
    const offsets = Buffer.alloc(4 * 200_000, u32(head.length + 8 + PICTURE.length));
    const table = [full('stsz', 0, u32(SECRET.length * 80_000), u32(200_000)), full('stsc', 0, u32(1), u32(1), u32(1), u32(1))];
    const places = box('stbl', ...table, full('stco', 0, u32(200_000), offsets));
    const bytes = Buffer.concat([head, media, box('moov', box('trak', box('mdia', handler('meta'), box('minf', places))))]);
    expect((await cleaned(bytes, 'video/mp4', 4_096)).includes('CANARY')).toBe(false);
  });

  it('that is cut off is stored as far as it goes', async () => {
    const bytes = film();
    for (let length = 0; length < bytes.length; length += 13)
      expect(await cleaned(bytes.subarray(0, length), 'video/mp4')).toHaveLength(length);
  });

  it('of ever more boxes is refused', async () => {
    const empty = box('mvhd');
    const bytes = Buffer.concat([box('ftyp', text('isom'), u32(0)), box('moov', Buffer.alloc(empty.length * 400_000, empty))]);
    await expect(
      patchesOf({ size: bytes.length, read: async (start, end) => bytes.subarray(start, end) }, 'video/mp4'),
    ).rejects.toMatchObject({
      details: { reason: 'structure' },
    });
  });
});

describe('a HEIC picture', () => {
  const item = (id: number, kind: string) => full('infe', 2, Buffer.from([0, id, 0, 0]), text(`${kind}\0`));
  const heic = (method: 0 | 1): Buffer => {
    const head = box('ftyp', text('heic'), u32(0), text('mif1heic'));
    const meta = (at: number) => {
      const extent = (id: number, from: 0 | 1, start: number, length: number) =>
        Buffer.concat([Buffer.from([0, id, 0, from, 0, 0, 0, 1]), u32(start), u32(length)]);
      const [exif, about] = method === 0 ? [at + PICTURE.length, at + PICTURE.length + SECRET.length] : [0, SECRET.length];
      return full(
        'meta',
        0,
        handler('pict'),
        full('pitm', 0, Buffer.from([0, 1])),
        full('iinf', 0, Buffer.from([0, 3]), item(1, 'hvc1'), item(2, 'Exif'), item(3, 'mime')),
        full(
          'iloc',
          1,
          Buffer.from([0x44, 0, 0, 3]),
          extent(1, 0, at, PICTURE.length),
          extent(2, method, exif, SECRET.length),
          extent(3, method, about, xmp.length),
        ),
        ...(method === 1 ? [box('idat', text(SECRET), text(xmp))] : []),
      );
    };
    const at = head.length + meta(0).length + 8;
    return Buffer.concat([head, meta(at), box('mdat', PICTURE, ...(method === 0 ? [text(SECRET), text(xmp)] : []))]);
  };

  it.each([
    ['behind the picture', 0],
    ['among its boxes', 1],
  ] as const)('loses its EXIF and XMP that lie %s', async (_where, method) => {
    await expectClean(heic(method), 'image/heic');
  });

  it('whose items cannot be found is refused', async () => {
    const nothing = Buffer.concat([box('ftyp', text('heic'), u32(0)), box('mdat', text(SECRET))]);
    await expect(cleaned(nothing, 'image/heic')).rejects.toMatchObject({ details: { reason: 'damaged' } });
    const cut = heic(0);
    await expect(cleaned(cut.subarray(0, cut.indexOf('iloc') + 20), 'image/heic')).rejects.toMatchObject({
      details: { reason: 'damaged' },
    });
  });
});

it('leaves other types as they are', async () => {
  expect(await patchesOf({ size: 9, read: () => Promise.reject(new Error('not asked')) }, 'application/pdf')).toEqual([]);
});
