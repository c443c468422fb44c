import { afterEach, describe, expect, it, vi } from 'vitest';

type Frame = readonly [string, ...unknown[]];
type Chat = Readonly<{ state: { status: string; messages: ReadonlyMap<string, unknown> }; start: () => void; stop: () => void }>;

/** Stands for the browser's socket and the server behind it: every call is answered, `sync` with what is stored. */
function stubServer() {
  const stored = { version: 1, receiptsVersion: 1, messages: [] as object[] };
  const calls: string[] = [];
  let tell: (frame: Frame) => void = () => {};
  class StubSocket extends EventTarget {
    static readonly OPEN = 1;
    readyState = 1;
    constructor() {
      super();
      tell = (frame) => this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
      queueMicrotask(() => this.dispatchEvent(new Event('open')));
    }
    send(text: string) {
      const [operation, , id] = JSON.parse(text) as Frame;
      calls.push(operation);
      if (operation === 'connect') return tell(['connected', { epoch: 'e' }]);
      const data = operation === 'sync' ? { conversations: [{ ...stored, receipts: [], hasMore: false }] } : { items: [] };
      tell(['ack', id, { ok: true, data }]);
    }
    close() {}
  }
  vi.stubGlobal('WebSocket', StubSocket);
  return { stored, syncs: () => calls.filter((name) => name === 'sync').length, tell: (...frame: Frame) => tell(frame) };
}

describe('the chat of the demo', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('fetches what the heads show to be missing, and nothing when they show nothing', async () => {
    const server = stubServer();
    // Without types, as the browser gets it.
    const { createChat } = (await import(new URL('chat.js', import.meta.url).href)) as { createChat: (options: object) => Chat };
    const session = { user: { id: 'me' }, token: () => Promise.resolve('t'), msLeft: () => 60_000 };
    const on = { change() {}, frame() {} };
    const chat = createChat({ base: 'http://localhost', session, conversationId: 'c', peer: { id: 'peer' }, on });
    chat.start();
    await vi.waitFor(() => expect(chat.state.status).toBe('online'));

    server.tell('heads', {
      conversations: [
        ['c', 1, 1],
        ['another', 9, 9],
      ],
    });
    expect(server.syncs()).toBe(1);
    Object.assign(server.stored, { version: 2, messages: [{ id: 'm', version: 2, seq: 1, senderId: 'me' }] });
    server.tell('heads', { conversations: [['c', 2, 1]] });
    await vi.waitFor(() => expect(chat.state.messages.has('m')).toBe(true));
    expect(server.syncs()).toBe(2);
    chat.stop();
  });
});
