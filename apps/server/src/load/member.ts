import { WebSocket } from 'ws';

/** A handshake that was refused before there was a socket. */
export class HandshakeRefused extends Error {
  readonly retryAfterMs: number;
  constructor(status: number, retryAfterMs: number) {
    super(`the handshake was answered ${status}`);
    this.retryAfterMs = retryAfterMs;
  }
}

export type MemberEvents = Readonly<{
  /** `code`: of the error; undefined where the action was done. */
  answered: (id: number, code: string | undefined) => void;
  /** An event, as the text of its frame. */
  event: (frame: string) => void;
  closed: (code: number) => void;
}>;

export type Member = Readonly<{ call: (operation: string, input: object, id: number) => void; leave: () => void }>;

const HANDSHAKE_TIMEOUT_MS = 20_000;
const ACK = /^\["ack",(\d+),\{"ok":(true|false)/;

const codeIn = (frame: string): string =>
  (JSON.parse(frame) as [string, number, { error?: { code?: string } }])[2].error?.code ?? 'UNKNOWN';

/** One person, over a plain WebSocket. Frames are not parsed where their beginning says enough: that would cost as much as the server spends. */
export function connectMember(url: string, token: string, on: MemberEvents): Promise<Member> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, { perMessageDeflate: false, handshakeTimeout: HANDSHAKE_TIMEOUT_MS });
  const { promise, resolve, reject } = Promise.withResolvers<Member>();
  const member: Member = {
    call: (operation, input, id) => socket.send(JSON.stringify([operation, input, id])),
    leave() {
      socket.removeAllListeners('close').close();
    },
  };
  socket.on('open', () => socket.send(JSON.stringify(['connect', { token }])));
  socket.on('unexpected-response', (request, response) => {
    request.destroy();
    reject(new HandshakeRefused(response.statusCode ?? 0, Number(response.headers['retry-after'] ?? 1) * 1_000));
  });
  socket.on('error', reject);
  socket.on('close', (code) => {
    reject(new Error(`the server closed the connection (${code})`));
    on.closed(code);
  });
  socket.on('message', (data: Buffer) => {
    const frame = data.toString();
    const [, id, ok] = ACK.exec(frame) ?? [];
    if (id !== undefined) on.answered(Number(id), ok === 'true' ? undefined : codeIn(frame));
    else if (frame.startsWith('["connected"')) resolve(member);
    else if (frame.startsWith('["connect_error"')) reject(new Error(`the server refused a session: ${frame}`));
    else on.event(frame);
  });
  return promise;
}
