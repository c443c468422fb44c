import { connect, type Socket } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

/** `head`: the status line and the headers, as they came. */
export type Answer = Readonly<{ status: number; head: string; body: Buffer }>;

/**
 * HTTP/1.1 by hand, one request at a time on one connection: a full client library costs about a third of what the server under test
 * spends. Understands what the server answers: a length, and no chunks.
 */
export class HttpClient {
  readonly #url: URL;
  #socket: Socket | undefined;
  #received: Buffer[] = [];
  #length = 0;
  #whole: number | undefined;
  #head = '';
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** The body of an answer with status 200. */
  async get(path: string, token: string): Promise<Buffer> {
    const { status, head, body } = await this.ask(path, token);
    if (status !== 200) throw new Error(`${head}${body.toString()}`);
    return body;
  }

  /** Whatever is answered to a GET; `headers` are whole lines. */
  ask(path: string, token: string, headers: readonly string[] = []): Promise<Answer> {
    const lines = [`GET ${path} HTTP/1.1`, `host: ${this.#url.host}`, `authorization: Bearer ${token}`, ...headers];
    return this.#ask(`${lines.join('\r\n')}${END_OF_HEAD}`);
  }

  /** Whatever is answered to a body of JSON; `headers` are whole lines. */
  post(path: string, json: string, headers: readonly string[] = []): Promise<Answer> {
    const lines = [
      `POST ${path} HTTP/1.1`,
      `host: ${this.#url.host}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(json)}`,
      ...headers,
    ];
    return this.#ask(`${lines.join('\r\n')}${END_OF_HEAD}${json}`);
  }

  #ask(request: string): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting = { resolve, reject };
    this.#open().write(request);
    return promise;
  }

  /** The server closes a connection on which nothing is asked for long. */
  #open(): Socket {
    if (this.#socket?.writable) return this.#socket;
    const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port), noDelay: true });
    const end = (error: Error) => this.#socket === socket && this.#waiting?.reject(error);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', end).on('close', () => end(new Error('the server closed the connection')));
    this.#socket = socket;
    return socket;
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#length += chunk.length;
    if (this.#whole === undefined) this.#readHead();
    if (this.#whole === undefined || this.#length < this.#whole) return;
    const answer = Buffer.concat(this.#received);
    const waiting = this.#waiting;
    this.#received = [];
    this.#length = 0;
    this.#whole = undefined;
    this.#waiting = undefined;
    const head = this.#head;
    waiting?.resolve({ status: Number(head.slice(9, 12)), head, body: answer.subarray(head.length) });
  }

  #readHead(): void {
    const text = (this.#received.length === 1 ? this.#received[0] : Buffer.concat(this.#received))?.toString('latin1') ?? '';
    const end = text.indexOf(END_OF_HEAD);
    if (end === -1) return;
    // These have no body, and need not say so.
    const isBare = /^HTTP\/1\.1 (?:204|304) /.test(text);
    const [, length = isBare ? '0' : undefined] = /^content-length: (\d+)\r$/im.exec(text.slice(0, end + 2)) ?? [];
    if (length === undefined) {
      this.#waiting?.reject(new Error(`an answer without a length: ${text.slice(0, end)}`));
      return;
    }
    this.#head = text.slice(0, end + END_OF_HEAD.length);
    this.#whole = this.#head.length + Number(length);
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket?.destroy();
  }
}
