import { connect } from 'node:net';
import { deflateSync, crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Person, signUp } from '../support/people.ts';
import { until } from '../support/until.ts';
import { announce, form, startWithFiles, photo, type AppWithFiles, upload } from './files.ts';

const MAX = 200_000;

let app: AppWithFiles;
let alice: Person;
beforeAll(async () => {
  app = await startWithFiles({ env: { MAX_ATTACHMENT: String(MAX) } });
  alice = await signUp(app.url, 'alice');
});
afterAll(() => app.close());

/** Whatever was refused left nothing: no row, no file, not half a file. */
const expectNothing = async () => expect(await app.inventory()).toEqual({ pending: 0, ready: 0, stray: [], lost: [] });

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};

/** A PNG that says it has this many pixels, in a few bytes. */
function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(4_096))), chunk('IEND', Buffer.alloc(0))]);
}

describe('content that is not taken', () => {
  afterEach(expectNothing);

  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  it.each([
    ['an SVG', svg],
    ['an SVG after a prolog', `<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n${svg}`],
    ['an SVG after a mark of order and spaces', `\ufeff \n\t${svg}`],
    ['an SVG after a comment', `<!-- ${'x'.repeat(5_000)} -->${svg}`],
    ['a page', '<!DOCTYPE html><script>alert(1)</script>'],
    ['a page in capitals', '<HTML><BODY ONLOAD=alert(1)>'],
    ['a fragment', '\n\n  <img src=x onerror=alert(1)>'],
    ['XML', '<?xml version="1.0"?><x xmlns="http://www.w3.org/1999/xhtml"><script/></x>'],
    ['an SVG in UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(svg, 'utf16le')])],
    ['a program', Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), Buffer.alloc(200)])],
    ['a program for Windows', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])],
  ])('refuses %s, whatever it is called', async (_what, content) => {
    const answer = await upload(alice, content, 'picture.png');
    expect([answer.status, answer.body.code, answer.body.details.reason]).toEqual([422, 'ATTACHMENT_TYPE_REFUSED', 'active']);
  });

  it('refuses images that can be neither encoded anew nor cleaned: what they tell of their maker would stay in them', async () => {
    const tiff = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .tiff()
      .toBuffer();
    const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic\0\0\0\0mif1heic'), Buffer.alloc(500)]);
    for (const [content, reason] of [
      [tiff, 'image'],
      [heic, 'damaged'],
    ] as const) {
      const answer = await upload(alice, content);
      expect([answer.status, answer.body.code, answer.body.details.reason]).toEqual([422, 'ATTACHMENT_TYPE_REFUSED', reason]);
    }
  });

  it('refuses an image of too many pixels before it decodes one', async () => {
    const answer = await upload(alice, bomb(60_000, 60_000));
    expect([answer.status, answer.body.code]).toEqual([422, 'ATTACHMENT_TYPE_REFUSED']);
    expect(answer.body.details).toEqual({ reason: 'pixels', most: 50_000_000, width: 60_000, height: 60_000 });
  });

  it('refuses an animation of too many pixels in all', async () => {
    const size = { width: 2_400, height: 2_400, channels: 3 } as const;
    const frames = [];
    // Equal frames would be made one.
    for (let at = 0; at < 10; at += 1)
      frames.push(
        await sharp({ create: { ...size, background: at % 2 ? 'red' : 'blue' } })
          .png()
          .toBuffer(),
      );
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    const answer = await upload(alice, gif);
    expect([answer.body.code, answer.body.details.reason]).toEqual(['ATTACHMENT_TYPE_REFUSED', 'pixels']);
  });

  it.each([
    ['cut in half', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['with only a signature', () => Buffer.from('ffd8ffe000104a464946', 'hex')],
    ['with noise in its middle', (whole: Buffer) => Buffer.concat([whole.subarray(0, 300), Buffer.alloc(900, 0xaa)])],
  ])('refuses an image %s', async (_what, damage) => {
    const answer = await upload(alice, damage(await photo(64, 64)));
    expect([answer.status, answer.body.code]).toEqual([422, 'ATTACHMENT_TYPE_REFUSED']);
  });

  it('refuses a file that is larger than allowed, by its length and by its bytes', async () => {
    const large = await upload(alice, Buffer.alloc(MAX + 1, 1));
    expect([large.status, large.body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const far = await upload(alice, Buffer.alloc(MAX * 3, 1));
    expect([far.status, far.body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('refuses a file of unknown length as soon as it is too large', async () => {
    async function* endless() {
      yield Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n');
      for (let sent = 0; sent < 400; sent += 1) yield Buffer.alloc(10_000, 7);
    }
    const request = fetch(`${app.url}/api/v1/attachments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.accessToken}`, 'content-type': 'multipart/form-data; boundary=b' },
      body: ReadableStream.from(endless()),
      duplex: 'half',
    });
    // The answer, or the connection that was closed beneath a client which went on sending.
    const status = await request.then((answer) => answer.status).catch(() => 'cut');
    expect([413, 'cut']).toContain(status);
    await until(async () => (await app.inventory()).pending === 0, { what: 'the row to go' });
  });

  it('refuses a file of no bytes', async () => {
    const answer = await upload(alice, '');
    expect([answer.status, answer.body.code, answer.body.details[0].path]).toEqual([400, 'VALIDATION_FAILED', ['file']]);
    const announced = await announce(alice, 0);
    expect([announced.status, announced.body.code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  it('refuses an announcement of more than is allowed', async () => {
    const answer = await announce(alice, MAX + 1);
    expect([answer.status, answer.body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });
});

describe('forms that are not one file', () => {
  afterEach(expectNothing);

  const parts = (...named: [name: string, value: string | Blob][]): FormData => {
    const data = new FormData();
    for (const [name, value] of named) data.append(name, value);
    return data;
  };
  const file = () => new Blob(['some text']);

  it.each([
    ['no part', () => parts()],
    ['no file', () => parts(['name', 'x'])],
    ['a file by another name', () => parts(['document', file()])],
    ['two files', () => parts(['file', file()], ['file', file()])],
    ['a field after the file', () => parts(['file', file()], ['name', 'x'])],
    ['too many fields', () => parts(...Array.from({ length: 9 }, (_, at): [string, string] => [`f${at}`, 'x']), ['file', file()])],
    ['a field named __proto__', () => parts(['__proto__', 'x'], ['file', file()])],
  ])('refuses %s', async (_what, body) => {
    const answer = await alice.http.call('POST', '/api/v1/attachments', body());
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  it.each([
    ['no boundary', 'multipart/form-data', 'x'],
    ['a boundary that never comes', 'multipart/form-data; boundary=q', 'no such thing'],
    [
      'a form that ends in its file',
      'multipart/form-data; boundary=q',
      '--q\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf',
    ],
    ['a part without headers', 'multipart/form-data; boundary=q', '--q\r\n\r\nx\r\n--q--\r\n'],
  ])('refuses %s', async (_what, type, body) => {
    const answer = await alice.http.call('POST', '/api/v1/attachments', body, { 'content-type': type });
    expect([400, 415]).toContain(answer.status);
    expect(['VALIDATION_FAILED', 'UNSUPPORTED_MEDIA_TYPE']).toContain(answer.body.code);
  });

  it('refuses a file that is neither a form nor JSON', async () => {
    const answer = await alice.http.call('POST', '/api/v1/attachments', Buffer.from('x'), { 'content-type': 'image/png' });
    expect([answer.status, answer.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('takes no form where JSON belongs', async () => {
    const answer = await alice.http.call('POST', '/api/v1/conversations', form('x'));
    expect([answer.status, answer.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('asks who uploads before it reads', async () => {
    const answer = await fetch(`${app.url}/api/v1/attachments`, { method: 'POST', body: form('x') });
    expect(answer.status).toBe(401);
    await answer.arrayBuffer();
  });
});

describe('an upload that is cut off', () => {
  afterEach(expectNothing);

  /** Sends the beginning of a request and goes away. */
  async function expectHangUp(head: string, body: Buffer): Promise<void> {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.write(head);
    await new Promise<void>((resolve) => void socket.write(body, () => resolve()));
    await until(async () => (await app.inventory()).stray.length === 1, { what: 'the beginning of a file' });
    socket.destroy();
    await until(async () => (await app.inventory()).pending === 0, { what: 'the row to go' });
  }
  const head = (headers: string) =>
    `POST /api/v1/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${alice.accessToken}\r\nContent-Type: multipart/form-data; boundary=q\r\n${headers}\r\n\r\n`;
  const beginning = Buffer.concat([
    Buffer.from('--q\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'),
    Buffer.alloc(60_000, 3),
  ]);

  it('leaves nothing when it had announced more', () => expectHangUp(head('Content-Length: 150000'), beginning));

  it('leaves nothing in the middle of a chunk', () =>
    expectHangUp(head('Transfer-Encoding: chunked'), Buffer.concat([Buffer.from('20000\r\n'), beginning])));
});
