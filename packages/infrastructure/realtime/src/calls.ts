import { type Operation, socketNames } from '@coucou/contracts/kernel/operation';
import { createCountCall, UNKNOWN } from '@coucou/application/metrics/count-calls';
import type { Ids } from '@coucou/application/ports/ids';
import type { Metrics } from '@coucou/application/ports/metrics';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import type { Logger } from 'pino';
import type { Socket } from 'socket.io';
import { asChatError, httpStatus, type MakeErrorBody, retryAfterSeconds } from '@coucou/application/kernel/error-body';
import type { Execute } from '@coucou/application/kernel/execute';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import { connectionOf } from './connection.ts';
import type { InFlight } from './in-flight.ts';
import { shortName } from './operation-name.ts';
import { Refused } from './packets.ts';
import { PlainConnection } from './plain-connection.ts';
import { socketFields } from './socket-fields.ts';

export type CallsOptions = Readonly<{
  operations: readonly ReadyOperation<Operation>[];
  execute: Execute;
  authenticate: (socket: Socket, input: unknown) => Promise<object>;
  ids: Ids;
  errorBody: MakeErrorBody;
  /** Stops reading from a socket, and goes on. */
  pause: (socket: Socket) => void;
  resume: (socket: Socket) => void;
  /** Whether a socket is about to be closed, since too much waits for it already. */
  isOverflown: (socket: Socket) => boolean;
  /** The refusal of an event that is one too many. */
  takeEvent: (socket: Socket) => ChatError | undefined;
  inFlight: InFlight;
  metrics: Metrics;
  log: Logger;
}>;

/** Calls of one socket that run at once. */
const MOST_RUNNING = 32;
/** Calls of one socket that wait: as many as come with what was read before reading paused. */
const MOST_WAITING = 4_096;

type Ack = (result: object) => void;
type Arguments = readonly unknown[];
/** What the acknowledgement of a call that succeeded holds besides `ok`. */
type Done = Readonly<{ data?: object; replayed?: true }>;

const isBinary = (value: unknown): boolean => ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

const wrong = (argument: string, message: string): ChatError =>
  errors.VALIDATION_FAILED([{ path: [argument], rule: 'arguments', message }]);

type Meta = Readonly<{ idempotencyKey?: unknown }>;

/** `[input, meta]`. JSON turns an absent argument into null, so null is absent. */
function checkedArguments(args: Arguments): Readonly<{ input: unknown; meta: Meta }> {
  if (args.length > 2) throw wrong('arguments', 'A call is emit(operation, input, meta?, ack?).');
  const [input, meta] = args;
  if (meta != null && (typeof meta !== 'object' || Array.isArray(meta) || isBinary(meta))) throw wrong('meta', 'This must be an object.');
  if (isBinary(input)) throw wrong('input', 'Send JSON, not bytes.');
  return { input: input ?? {}, meta: meta ?? {} };
}

/** A field of the call; absent where the operation takes no key or none is given. */
function keyIn({ idempotencyKey: key }: Meta, { idempotencyKey: taken }: Operation): Readonly<{ idempotencyKey?: string }> {
  if (taken === undefined || key == null) return {};
  if (typeof key !== 'string') throw errors.IDEMPOTENCY_KEY_INVALID();
  return { idempotencyKey: key };
}

/**
 * The one listener for calls on all sockets. It is called with the socket as `this`, so no closure is created per
 * socket or operation, and starts calls in the order they came: some at once, and while these run the socket is not read from. What
 * was read by then waits, and is dropped with the socket.
 */
export function createDispatch(options: CallsOptions) {
  const { operations, execute, authenticate, ids, errorBody, pause, resume, isOverflown, takeEvent, inFlight, metrics, log } = options;
  const byName = new Map(operations.flatMap((ready) => socketNames(ready.operation).map((name) => [name, ready] as const)));

  const onEngine = createCountCall(metrics, 'socket.io');
  const onPlain = createCountCall(metrics, 'websocket');

  function count({ conn }: Socket, name: string, status: number, startedAt?: number): void {
    const operation = name === 'authenticate' ? name : (byName.get(name)?.operation.name ?? UNKNOWN);
    const on = (conn as unknown) instanceof PlainConnection ? onPlain : onEngine;
    on(operation, status, startedAt === undefined ? undefined : (performance.now() - startedAt) / 1_000);
  }

  async function perform(socket: Socket, name: string, args: Arguments, requestId: string): Promise<Done> {
    const { input, meta } = checkedArguments(args);
    if (name === 'authenticate') return { data: await authenticate(socket, input) };
    const connection = connectionOf(socket);
    const { identity, client } = connection;
    if (identity === undefined) throw errors.UNAUTHENTICATED();
    const ready = byName.get(name);
    if (ready === undefined) throw errors.OPERATION_UNKNOWN();
    const { body, replayed } = await execute(ready, input, {
      requestId,
      account: identity.account,
      actor: identity.actor,
      client,
      socketId: socket.id,
      connection,
      ...keyIn(meta, ready.operation),
    });
    return { ...(ready.operation.output !== undefined && { data: body as object }), ...(replayed && { replayed }) };
  }

  function answerFailure(socket: Socket, name: string, ack: Ack | undefined, error: ChatError, requestId: string): void {
    const path = shortName(name);
    const body = errorBody(error, path, requestId, new Date());
    if (error.code === errors.RATE_LIMITED.code) tellLimit(socket, path, error);
    if (ack !== undefined) ack({ ok: false, error: body });
    else socket.emit('error', { at: body.timestamp, operation: path, error: body });
  }

  /** For what shows limits in one place, whatever was called. */
  function tellLimit(socket: Socket, operation: string, error: ChatError): void {
    const { limit, window } = error.details as { limit?: number; window?: number };
    if (limit === undefined || window === undefined) return;
    const now = Date.now();
    const resetAt = new Date(now + (retryAfterSeconds(error) ?? 0) * 1_000).toISOString();
    socket.emit('rate_limit_exceeded', { at: new Date(now).toISOString(), limit, window, resetAt, operation });
  }

  async function run(socket: Socket, name: string, args: Arguments, ack: Ack | undefined): Promise<void> {
    const requestId = ids.next();
    const startedAt = performance.now();
    const line = () => ({
      requestId,
      ...socketFields(socket),
      operation: shortName(name),
      durationMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
    });
    try {
      const done = await perform(socket, name, args, requestId);
      ack?.({ ok: true, ...done });
      count(socket, name, 200, startedAt);
      if (log.isLevelEnabled('debug')) log.debug({ ...line(), code: 'OK' }, 'call');
    } catch (thrown) {
      const error = asChatError(thrown);
      if (error.kind === 'internal') log.error({ ...line(), code: error.code, err: loggableError(error.cause ?? error) }, 'call failed');
      else if (log.isLevelEnabled('debug')) log.debug({ ...line(), code: error.code }, 'call');
      answerFailure(socket, name, ack, error, requestId);
      count(socket, name, httpStatus[error.kind], startedAt);
    }
  }

  function start(socket: Socket, name: string, args: Arguments, ack: Ack | undefined): void {
    connectionOf(socket).calls.running += 1;
    void run(socket, name, args, ack).finally(() => finished(socket));
  }

  function finished(socket: Socket): void {
    inFlight.leave();
    const { calls } = connectionOf(socket);
    calls.running -= 1;
    const next = calls.waiting.shift();
    if (next === undefined) {
      if (calls.running === 0) calls.whenAnswered?.();
      return;
    }
    start(socket, next.name, next.args, next.ack);
    if (calls.waiting.length === 0) resume(socket);
  }

  /** Not for one who reads no answers: thousands of packets come at once, and an answer is many times as long as a packet may be. */
  function refuse(socket: Socket, name: string, ack: Ack | undefined, error: ChatError): void {
    count(socket, name, httpStatus[error.kind]);
    if (!isOverflown(socket)) answerFailure(socket, name, ack, error, ids.next());
  }

  function dispatch(this: Socket, event: unknown, ...args: unknown[]): void {
    const { calls } = connectionOf(this);
    if (this.disconnected || calls.whenAnswered !== undefined) return;
    // Only Socket.IO's own acknowledgement can be a function: JSON carries none.
    const ack = typeof args.at(-1) === 'function' ? (args.pop() as Ack) : undefined;
    const excess = takeEvent(this);
    if (excess !== undefined) return refuse(this, event instanceof Refused ? event.operation : String(event), ack, excess);
    if (event instanceof Refused) return refuse(this, event.operation, ack, event.error);
    const { running, waiting } = calls;
    if (running >= MOST_RUNNING && waiting.length >= MOST_WAITING) return refuse(this, String(event), ack, errors.OVERLOADED());
    inFlight.enter();
    if (running < MOST_RUNNING) return start(this, String(event), args, ack);
    if (waiting.push({ name: String(event), args, ack }) === 1) pause(this);
  }

  /** For a socket that is gone: what did not begin never does. */
  function drop(socket: Socket): void {
    const { waiting } = connectionOf(socket).calls;
    if (waiting.length === 0) return;
    for (let left = waiting.length; left > 0; left -= 1) inFlight.leave();
    waiting.length = 0;
    resume(socket);
  }

  return { dispatch, drop };
}
