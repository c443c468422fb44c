import { setTimeout as pause } from 'node:timers/promises';
import type { ErrorBody } from '@coucou/contracts/kernel/error';
import type { sync } from '@coucou/contracts/sync/sync';
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import type { Login } from './login.ts';
import type { Outcome, Outgoing } from './outbox.ts';
import type { Change, Missed } from './tracker.ts';

type Ack<Data> = Readonly<{ ok: true; data: Data }> | Readonly<{ ok: false; error: ErrorBody }>;
type SyncAnswer = z.infer<NonNullable<(typeof sync)['output']>>;

export type LineOptions = Readonly<{
  url: string;
  login: Login;
  conversationId: string;
  /** The connection is up, and in the conversation's room. */
  onUp: () => void;
  /** `reason` is the server's own word, when it said one. */
  onDown: (reason: string) => void;
  onChange: (change: Change) => void;
  /** The server knows that events were lost. */
  onLost: () => void;
}>;

const ANSWER_WITHIN_MS = 10_000;
/** Errors worth a retry under the same id. */
const passing = new Set(['SERVICE_UNAVAILABLE', 'OVERLOADED', 'TIMEOUT', 'RATE_LIMITED']);

/** The socket of one conversation. It reconnects indefinitely, with a fresh token. */
export function openLine({ url, login, conversationId, onUp, onDown, onChange, onLost }: LineOptions) {
  const socket: Socket = io(url, {
    reconnectionDelay: 1_000,
    reconnectionDelayMax: 10_000,
    randomizationFactor: 0.5,
    timeout: 20_000,
    auth: (give) =>
      void login.token().then(
        (token) => give({ token, protocol: 1 }),
        () => give({}),
      ),
  });
  let closing: { reason: string; retryAfterMs?: number } | undefined;
  const ended = new AbortController();
  let renewal: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;

  socket.on('connected', () => {
    closing = undefined;
    keepFresh();
    onUp();
  });
  socket.on('closing', (why: { reason: string; retryAfterMs?: number }) => {
    closing = why;
  });
  socket.on('disconnect', (reason) => {
    clearTimeout(renewal);
    if (reason === 'io client disconnect') return;
    onDown(closing?.reason ?? reason);
    // The library does not come back by itself when the server closed the connection.
    if (reason === 'io server disconnect') connectIn(closing?.retryAfterMs ?? 1_000);
  });
  socket.on('connect_error', () => {
    // Refused by the server: `active` distinguishes it from an outage, which the library handles.
    if (!socket.active) connectIn(2_000);
  });
  socket.on('sync:required', onLost);
  socket.onAny((_name: string, payload: { conversationId?: string } & Partial<Change>) => {
    const { version, message } = payload;
    if (payload.conversationId === conversationId && version !== undefined) onChange({ version, message });
  });

  function connectIn(ms: number): void {
    clearTimeout(retry);
    retry = setTimeout(() => socket.connect(), ms);
  }

  function keepFresh(): void {
    clearTimeout(renewal);
    renewal = setTimeout(() => {
      login.token().then((token) => socket.emit('authenticate', { token }, keepFresh), keepFresh);
    }, login.freshForMs());
  }

  const call = <Data>(event: string, input: object): Promise<Ack<Data>> =>
    socket.timeout(ANSWER_WITHIN_MS).emitWithAck(event, input) as Promise<Ack<Data>>;

  return {
    async send(message: Outgoing): Promise<Outcome> {
      const ack = await call<{ version: number }>('message:send', { conversationId, ...message }).catch(() => undefined);
      if (ack === undefined) return { status: 'again' };
      if (ack.ok) return { status: 'stored', version: ack.data.version };
      return passing.has(ack.error.code) ? { status: 'again' } : { status: 'refused', reason: ack.error.error };
    },
    /** Tried until it is answered: without the answer nothing that comes later can be shown. */
    async sync(version: number): Promise<Missed> {
      while (!ended.signal.aborted) {
        const ack = socket.connected
          ? await call<SyncAnswer>('sync', { conversations: { [conversationId]: { version } } }).catch(() => undefined)
          : undefined;
        const missed = ack?.ok ? ack.data.conversations.find(({ id }) => id === conversationId) : undefined;
        if (missed !== undefined) return missed;
        if (ack?.ok) break;
        await pause(1_000);
      }
      return { version, messages: [], hasMore: false };
    },
    close(): void {
      ended.abort();
      clearTimeout(renewal);
      clearTimeout(retry);
      socket.close();
    },
  };
}
