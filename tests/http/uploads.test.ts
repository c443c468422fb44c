import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createAttachment } from '@coucou/contracts/attachments/create-attachment';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { as, stubOperations, stubServer } from './stub-server.ts';

type Files = NonNullable<NonNullable<Parameters<typeof stubServer>[0]>['files']>;
type Upload = Parameters<Files['upload']>[0];

const MAX = 200_000;
const ID = '01890000-0000-7000-8000-000000000000';
const CONTENT = `/api/v1/attachments/${ID}/content`;

let app: ReturnType<typeof stubServer>['app'];
afterEach(async () => {
  app.server.closeAllConnections();
  await app.close();
});

/** A server that answers what it was sent. */
async function serve(
  upload: (input: Upload) => Promise<unknown> = async ({ name, body }) => ({ name, text: await text(body) }),
  times?: NonNullable<Files['times']>,
): Promise<string> {
  const files: Files = {
    maxBytes: MAX,
    ...(times && { times }),
    store: { get: async () => undefined },
    urls: { verify: () => undefined },
    upload: async (input) => {
      const answer = await upload(input);
      await input.confirm();
      return answer;
    },
    receive: async ({ body, confirm }) => {
      await text(body);
      await confirm();
    },
  };
  const operations = [...stubOperations, { operation: createAttachment, run: async () => ({ existing: false, body: {} }) }];
  app = stubServer({ operations, files }).app;
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

const post = async (url: string, body: string | FormData, headers: Record<string, string> = {}, path = '/api/v1/attachments') => {
  const answer = await fetch(url + path, { method: 'POST', body, headers: { ...as('alice'), ...headers } });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, connection: answer.headers.get('connection') };
};
const part = (headers: string, value: string) => `--q\r\n${headers}\r\n\r\n${value}\r\n`;
const FILE = 'Content-Disposition: form-data; name="file"; filename="a.txt"';
const written = (...parts: string[]) => `${parts.join('')}--q--\r\n`;
const multipart = { 'content-type': 'multipart/form-data; boundary=q' };

/** A connection that has sent the beginning of an upload, and what it is answered. */
function begin(
  url: string,
  headers: string,
  beginning: string,
  type = 'multipart/form-data; boundary=q',
): { socket: Socket; answer: Promise<string> } {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(
    `POST /api/v1/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer alice\r\nContent-Type: ${type}\r\n${headers}\r\n\r\n${beginning}`,
  );
  let answer = '';
  socket.setEncoding('utf8').on('data', (bytes: string) => (answer += bytes));
  return {
    socket,
    answer: once(
      socket.on('error', () => {}),
      'close',
    ).then(() => answer),
  };
}

describe('a form', () => {
  it.each(['say "hi".txt', 'two\r\nlines.txt', 'a%41 100%.txt', 'évil 猫.txt'])('gives the name that the file had: %j', async (name) => {
    const data = new FormData();
    data.append('file', new Blob(['x']), name);
    expect((await post(await serve(), data)).body.name).toBe(name);
  });

  it('with a name that no announcement may have is refused', async () => {
    const data = new FormData();
    data.append('file', new Blob(['x']), 'n'.repeat(2_000));
    expect(await post(await serve(), data)).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', details: [{ rule: 'too_big' }] },
    });
  });

  it.each([5_000, 1_000_000])('with a field of %i bytes is refused, and not cut off', async (size) => {
    const url = await serve();
    const body = written(part('Content-Disposition: form-data; name="grant"', 'g'.repeat(size)), part(FILE, 'x'));
    for (const path of ['/api/v1/attachments', CONTENT])
      expect(await post(url, body, multipart, path)).toMatchObject({
        status: 413,
        body: { code: 'PAYLOAD_TOO_LARGE', details: size > MAX ? { limit: MAX } : { field: 'grant', limit: 4_096 } },
      });
  });

  it.each(['gzip', 'br', 'deflate, gzip'])('in the content coding %s is refused', async (coding) => {
    const url = await serve();
    for (const path of ['/api/v1/attachments', CONTENT])
      expect(await post(url, written(part(FILE, 'x')), { ...multipart, 'content-encoding': coding }, path)).toMatchObject({
        status: 415,
        body: { code: 'UNSUPPORTED_MEDIA_TYPE', details: { header: 'Content-Encoding' } },
      });
    expect(await post(url, written(part(FILE, 'x')), { ...multipart, 'content-encoding': 'identity' })).toMatchObject({
      body: { text: 'x' },
    });
  });

  it('whose file is written as base64 is refused', async () => {
    const url = await serve();
    const body = (encoding: string) => written(part(`${FILE}\r\nContent-Transfer-Encoding: ${encoding}`, 'eA=='));
    expect(await post(url, body('base64'), multipart)).toMatchObject({
      status: 415,
      body: { details: { header: 'Content-Transfer-Encoding' } },
    });
    expect(await post(url, body('binary'), multipart)).toMatchObject({ status: 201, body: { text: 'eA==' } });
  });
});

describe('a body without a length', () => {
  const chunkOf = (content: string) => `${content.length.toString(16)}\r\n${content}\r\n`;
  it.each([
    ['before its first part', ''],
    ['in the headers of a part', '--q\r\nX-Long: '],
    ['in a field', '--q\r\nContent-Disposition: form-data; name="grant"\r\n\r\n'],
    ['in its file', `--q\r\n${FILE}\r\n\r\n`],
    ['behind its last part', written(part(FILE, 'x'))],
  ])('is refused when it goes on and on %s', async (_where, beginning) => {
    const url = await serve();
    const { socket, answer } = begin(url, 'Transfer-Encoding: chunked', beginning === '' ? '' : chunkOf(beginning));
    socket.on('data', (bytes: string) => bytes.includes('"requestId"') && socket.destroy());
    const more = chunkOf('x'.repeat(10_000));
    // A client that goes on whatever it is told, with more than is allowed.
    for (let sent = 0; sent < 60 && !socket.destroyed; sent += 1) {
      socket.write(more);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 (413|201) /);
  });
});

describe('an upload that takes long', () => {
  it('keeps its connection while nothing moves on it', async () => {
    const sockets: Socket[] = [];
    const timeouts: (number | undefined)[] = [];
    const url = await serve(async ({ body }) => {
      await text(body);
      timeouts.push(sockets.at(-1)?.timeout);
      return {};
    });
    app.server.on('connection', (socket) => sockets.push(socket));
    expect((await post(url, written(part(FILE, 'x')), multipart)).status).toBe(201);
    expect(timeouts[0]).toBeGreaterThan(600_000);
    expect(app.server.requestTimeout).toBeGreaterThan(600_000);
  });

  const long = 600_000;
  const reading = async ({ body }: Upload) => text(body);

  it('is answered and closed when its sender falls silent', async () => {
    const url = await serve(reading, { bodyMs: long, silenceMs: 50, jsonMs: long });
    const { answer } = begin(url, 'Content-Length: 5000', `--q\r\n${FILE}\r\n\r\nhalf`);
    expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*connection: close[^]*"code":"TIMEOUT"[^]*"reason":"silence"/);
  });

  it('is answered and closed when it falls silent before its file', async () => {
    const url = await serve(reading, { bodyMs: long, silenceMs: 50, jsonMs: long });
    const { answer } = begin(url, 'Content-Length: 5000', '--q\r\nContent-Dis');
    expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*connection: close[^]*"code":"TIMEOUT"[^]*"reason":"silence"/);
  });

  it('is answered and closed after its time, however steadily it comes', async () => {
    const url = await serve(reading, { bodyMs: 200, silenceMs: long, jsonMs: long });
    const { socket, answer } = begin(url, 'Content-Length: 150000', `--q\r\n${FILE}\r\n\r\n`);
    const steadily = setInterval(() => socket.write('x'), 10);
    expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*"code":"TIMEOUT"[^]*"reason":"slow"/);
    clearInterval(steadily);
  });

  it('is answered and closed when its fields take the time of a file', async () => {
    const url = await serve(reading, { bodyMs: long, silenceMs: long, jsonMs: 50 });
    const { answer } = begin(url, 'Content-Length: 5000', '--q\r\nContent-Disposition: form-data; name="grant"\r\n\r\nx');
    expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*connection: close[^]*"code":"TIMEOUT"[^]*"reason":"slow"/);
  });

  it('is answered and closed when it is JSON, as on any other route', async () => {
    const url = await serve(reading, { bodyMs: long, silenceMs: long, jsonMs: 50 });
    const { answer } = begin(url, 'Content-Length: 500', '{"na', 'application/json');
    expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*"code":"TIMEOUT"/);
  });
});

describe('a server that stops', () => {
  it('answers an upload that is still being sent, and one that is being looked at', async () => {
    const began: string[] = [];
    const url = await serve(async ({ name, body }) => {
      began.push(name);
      await text(body);
      return new Promise(() => undefined);
    });
    const sending = begin(url, 'Content-Length: 5000', `--q\r\n${FILE}\r\n\r\nhalf`);
    const sent = written(part(FILE, 'x'));
    const waiting = begin(url, `Content-Length: ${sent.length}`, sent);
    await vi.waitUntil(() => began.length === 2);
    await app.close();
    for (const { answer } of [sending, waiting]) expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*"code":"SERVICE_UNAVAILABLE"/);
  });
});
