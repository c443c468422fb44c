import { createConnection } from './connection.js';

/** How long a received message waits until it counts as read, so that one sees the ticks go from delivered to read. */
const READ_AFTER_MS = 700;
/** The newest messages that are shown. */
const WINDOW = 50;

/**
 * One conversation as one person holds it: messages by version, marks by maximum, `sync` after every connect and for every hole.
 * `on.change()` runs after each change of `state`, `on.frame` for each frame.
 */
export function createChat({ base, session, conversationId, peer, on }) {
  const me = session.user.id;
  const state = {
    me: session.user,
    peer,
    status: 'connecting',
    presence: 'offline',
    isPeerTyping: false,
    peerMarks: { deliveredSeq: 0, readSeq: 0 },
    /** By id. */
    messages: new Map(),
    /** By clientMessageId: what is not acknowledged yet, or was refused. */
    outgoing: new Map(),
  };
  const held = { version: undefined, receiptsVersion: undefined, epoch: undefined, early: [], isSyncing: false, isStale: false };
  const mine = { deliveredSeq: 0, readSeq: 0 };
  let typingTimer;
  let readTimer;
  let renewTimer;

  const connection = createConnection({
    url: `${base.replace(/^http/, 'ws')}/ws`,
    token: () => session.token(),
    on: {
      frame: on.frame,
      up,
      down() {
        state.status = 'offline';
        state.presence = 'offline';
        state.isPeerTyping = false;
        clearTimeout(renewTimer);
        held.isSyncing = false;
        on.change();
      },
      event: receive,
    },
  });

  async function up({ epoch }) {
    if (held.epoch !== epoch) Object.assign(held, { epoch, version: undefined, receiptsVersion: undefined });
    // Marks that were on their way when the connection was lost are set again; they never go back.
    Object.assign(mine, { deliveredSeq: 0, readSeq: 0 });
    renewInTime();
    await catchUp();
    const [presence] = await Promise.all([
      connection.call('presence:get', { userIds: [peer.id] }),
      connection.call('conversation:join', { conversationId }),
    ]);
    if (!presence.ok) return;
    state.presence = presence.data.items[0]?.status ?? 'offline';
    state.status = 'online';
    on.change();
    for (const message of state.outgoing.values()) if (!message.error) await deliver(message);
  }

  /** The timer ends with the connection; the next one presents a valid token by itself. */
  function renewInTime() {
    const renewed = () => state.status !== 'offline' && renewInTime();
    renewTimer = setTimeout(() => void connection.renew().finally(renewed), Math.max(session.msLeft(), 1_000));
  }

  /** Asks for everything after what is held, until there is no more; events wait meanwhile. */
  async function catchUp() {
    if (held.isSyncing) {
      held.isStale = true;
      return;
    }
    held.isSyncing = true;
    let more = true;
    while (more) {
      held.isStale = false;
      const known = held.version === undefined ? {} : { version: held.version, receiptsVersion: held.receiptsVersion };
      const answer = await connection.call('sync', { epoch: held.epoch, conversations: { [conversationId]: known }, limit: WINDOW });
      if (!answer.ok) break;
      const [page] = answer.data.conversations;
      if (page) apply(page);
      more = page?.hasMore === true || held.isStale;
    }
    held.isSyncing = false;
    for (const [name, event] of held.early.splice(0)) receive(name, event);
    changed();
  }

  function apply({ version, receiptsVersion, messages, receipts, reset }) {
    if (reset || held.version === undefined) state.messages.clear();
    for (const message of messages) put(message);
    for (const receipt of receipts) mark(receipt);
    Object.assign(held, { version, receiptsVersion });
  }

  /** A message of an answer or event; never an older state of it. */
  function put(message) {
    state.outgoing.delete(message.clientMessageId);
    if ((state.messages.get(message.id)?.version ?? 0) <= message.version) state.messages.set(message.id, message);
  }

  function mark({ userId, deliveredSeq, readSeq }) {
    const marks = userId === me ? mine : userId === peer.id ? state.peerMarks : undefined;
    if (marks === undefined) return;
    marks.deliveredSeq = Math.max(marks.deliveredSeq, deliveredSeq);
    marks.readSeq = Math.max(marks.readSeq, readSeq);
  }

  function receive(name, event) {
    if (name === 'presence:changed' && event.userId === peer.id) state.presence = event.status;
    if (name === 'sync:required' || (name === 'heads' && isBehind(event))) return void catchUp();
    if (event?.conversationId !== conversationId) return on.change();
    if (name === 'typing' && event.userId === peer.id) showTyping(event);
    if (name === 'receipt:updated') for (const receipt of event.items) mark(receipt);
    if (typeof event.version === 'number') versioned(name, event);
    changed();
  }

  /** The server tells how far things have come where an event may have been lost that no later one shows. */
  const isBehind = ({ conversations }) =>
    conversations.some(([id, version, receipts]) => id === conversationId && (version > held.version || receipts > held.receiptsVersion));

  /** The next version is applied, an older one ignored, and one from further ahead fetched. */
  function versioned(name, event) {
    if (held.isSyncing) return void held.early.push([name, event]);
    if (held.version === undefined || event.version <= held.version) return;
    if (event.version > held.version + 1) return void catchUp();
    if (name === 'message:new' || name === 'message:updated') {
      put(event.message);
      if (event.message.senderId === peer.id) showTyping({ isTyping: false });
    } else if (name === 'message:deleted') {
      const { content: _, ...rest } = state.messages.get(event.messageId) ?? {};
      if (rest.id) put({ ...rest, version: event.version, deletedAt: event.deletedAt });
    } else return void catchUp();
    held.version = event.version;
  }

  function showTyping({ isTyping, expiresAt }) {
    clearTimeout(typingTimer);
    state.isPeerTyping = isTyping;
    if (isTyping)
      typingTimer = setTimeout(
        () => receive('typing', { conversationId, userId: peer.id, isTyping: false }),
        Date.parse(expiresAt) - Date.now(),
      );
  }

  /** Acknowledges what came in: delivered at once, read when it had time to be seen. */
  function changed() {
    on.change();
    const newest = Math.max(0, ...[...state.messages.values()].filter(({ senderId }) => senderId === peer.id).map(({ seq }) => seq));
    if (newest > mine.deliveredSeq) acknowledge({ deliveredSeq: newest });
    if (newest <= mine.readSeq || !isSeen()) return;
    clearTimeout(readTimer);
    readTimer = setTimeout(() => acknowledge({ readSeq: newest, deliveredSeq: newest }), READ_AFTER_MS);
  }

  function acknowledge(marks) {
    if (state.status === 'offline') return;
    mark({ deliveredSeq: 0, readSeq: 0, ...marks, userId: me });
    void connection.call('message:ack', { items: [{ conversationId, ...marks }] });
  }

  const isSeen = () => globalThis.document?.visibilityState !== 'hidden';

  async function deliver(message) {
    if (message.isSending) return;
    message.isSending = true;
    const { clientMessageId, content } = message;
    const answer = await connection.call('message:send', { conversationId, clientMessageId, content });
    message.isSending = false;
    if (answer.ok) {
      put(answer.data);
      if (!held.isSyncing && answer.data.version === held.version + 1) held.version += 1;
    } else if (!['DISCONNECTED', 'TIMEOUT'].includes(answer.error.code)) message.error = answer.error.error;
    changed();
  }

  return {
    state,
    start() {
      state.status = 'connecting';
      connection.start();
      on.change();
    },
    stop: () => connection.stop(),
    /** Shown at once, and sent until it is acknowledged. */
    send(content) {
      const message = { clientMessageId: crypto.randomUUID(), content, createdAt: new Date().toISOString() };
      state.outgoing.set(message.clientMessageId, message);
      on.change();
      if (state.status === 'online') void deliver(message);
    },
    typing(isTyping) {
      if (state.status === 'online') void connection.call('typing', { conversationId, isTyping });
    },
    /** When the page is looked at again. */
    seen: changed,
  };
}
