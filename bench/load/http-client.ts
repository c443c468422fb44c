import { connect, type Socket } from 'node:net';

const OK = Buffer.from('200');
const END_OF_HEAD = '\r\n\r\n';

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
  #head = 0;
  #waiting: { resolve: (body: Buffer) => void; reject: (error: Error) => void } | undefined;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** The body of an answer with status 200. */
  get(path: string, token: string): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#waiting = { resolve, reject };
    this.#open().write(`GET ${path} HTTP/1.1\r\nhost: ${this.#url.host}\r\nauthorization: Bearer ${token}\r\n\r\n`);
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
    const body = answer.subarray(this.#head);
    this.#received = [];
    this.#length = 0;
    this.#whole = undefined;
    this.#waiting = undefined;
    if (answer.subarray(9, 12).equals(OK)) waiting?.resolve(body);
    else waiting?.reject(new Error(answer.toString()));
  }

  #readHead(): void {
    const text = (this.#received.length === 1 ? this.#received[0] : Buffer.concat(this.#received))?.toString('latin1') ?? '';
    const end = text.indexOf(END_OF_HEAD);
    if (end === -1) return;
    const [, length] = /^content-length: (\d+)\r$/im.exec(text.slice(0, end + 2)) ?? [];
    if (length === undefined) {
      this.#waiting?.reject(new Error(`an answer without a length: ${text.slice(0, end)}`));
      return;
    }
    this.#head = end + END_OF_HEAD.length;
    this.#whole = this.#head + Number(length);
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket?.destroy();
  }
}
