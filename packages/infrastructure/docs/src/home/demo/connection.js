/** The plain WebSocket of one person: calls with their acknowledgement, events, and a connection that comes back by itself. */

const WAIT_MS = { first: 1_000, most: 10_000, spread: 0.5 };
/** The server pings after 25 seconds of silence; a call that takes longer than this is lost. */
const CALL_WITHIN_MS = 10_000;

/**
 * `token()` answers a valid access token, at every connect. `on.frame(direction, frame)` sees every frame as it goes, `on.up(connected)`
 * runs after each connect, `on.down()` when the connection is lost, and `on.event(name, payload)` for each event.
 */
export function createConnection({ url, token, on }) {
  let socket;
  let nextId = 0;
  let failures = 0;
  let wanted = false;
  let timer;
  const waiting = new Map();

  function send(frame) {
    socket.send(JSON.stringify(frame));
    on.frame('sent', frame);
  }

  function receive(frame) {
    on.frame('received', frame);
    const [name, payload, result] = frame;
    if (name === 'ack') {
      waiting.get(payload)?.(result);
      waiting.delete(payload);
    } else if (name === 'connected') {
      failures = 0;
      on.up(payload);
    } else on.event(name, payload);
  }

  /** Without a token there is nothing to connect with: the next attempt asks for one again. */
  async function enter(opened) {
    const accessToken = await token().catch(() => undefined);
    if (accessToken === undefined) opened.close();
    else if (opened === socket && opened.readyState === WebSocket.OPEN) send(['connect', { token: accessToken }]);
  }

  function open() {
    clearTimeout(timer);
    const opened = new WebSocket(url);
    socket = opened;
    opened.addEventListener('open', () => void enter(opened));
    opened.addEventListener('message', ({ data }) => {
      if (opened === socket) receive(JSON.parse(data));
    });
    opened.addEventListener('close', () => {
      if (opened === socket) lost();
    });
  }

  /** The outcome of a call without an acknowledgement is unknown: the caller sends it again. */
  function lost() {
    socket = undefined;
    for (const answer of waiting.values()) answer({ ok: false, error: { code: 'DISCONNECTED' } });
    waiting.clear();
    on.down();
    if (!wanted) return;
    const wait = Math.min(WAIT_MS.first * 2 ** failures, WAIT_MS.most);
    failures += 1;
    timer = setTimeout(open, wait * (1 - WAIT_MS.spread / 2 + Math.random() * WAIT_MS.spread));
  }

  return {
    start() {
      wanted = true;
      if (socket === undefined) open();
    },
    stop() {
      wanted = false;
      clearTimeout(timer);
      const old = socket;
      if (old === undefined) return;
      old.close();
      lost();
    },
    /** Answers `{ok: true, data}` or `{ok: false, error}`; never throws. */
    call(operation, input) {
      if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve({ ok: false, error: { code: 'DISCONNECTED' } });
      const id = nextId;
      nextId += 1;
      return new Promise((resolve) => {
        const late = setTimeout(() => {
          waiting.delete(id);
          resolve({ ok: false, error: { code: 'TIMEOUT' } });
        }, CALL_WITHIN_MS);
        waiting.set(id, (result) => {
          clearTimeout(late);
          resolve(result);
        });
        send([operation, input, id]);
      });
    },
    /** Presents a newer token before the present one expires. Without one the server closes the connection, and it comes back. */
    async renew() {
      const newer = await token().catch(() => undefined);
      if (newer !== undefined && socket?.readyState === WebSocket.OPEN) send(['authenticate', { token: newer }]);
    },
  };
}
