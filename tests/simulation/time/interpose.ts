import { createRequire, syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import { createDice } from '../../support/dice.ts';
import { simulated } from './sources.ts';
import { type Place, placeHere, type Scheduler, type Task } from './scheduler.ts';

/**
 * Replaces the time and the randomness of the machine by those of a simulation, for all code of this process: the product and its libraries
 * read them from the globals and from Node's modules. Imported before any of them, since some keep what they find when they are loaded.
 * Outside a simulation everything is as it was.
 */

type World = Readonly<{ scheduler: Scheduler; random: () => number; seed: number; bytes: Map<number, () => number>; elsewhere: Place }>;
type Untyped = Record<string, unknown>;
type Callback = (...args: unknown[]) => void;

let world: World | undefined;

/** From here on until `leave`: `elsewhere` is where code runs that belongs to no place. */
export function enter(scheduler: Scheduler, seed: number, elsewhere: Place): void {
  world = { scheduler, random: createDice(seed), seed, bytes: new Map(), elsewhere };
}
export function leave(): void {
  world = undefined;
}

const require = createRequire(import.meta.url);
const RealDate = Date;
const realPerformanceNow = performance.now.bind(performance);
const LONGEST_MS = 2 ** 31 - 1;

const placeOf = ({ elsewhere }: World): Place => placeHere() ?? elsewhere;
const nowIn = (inside: World): number => Math.floor(inside.scheduler.now + placeOf(inside).skewMs);
const wallNow = (): number => (world === undefined ? RealDate.now() : nowIn(world));
/** No clock that is set wrongly changes it. It grows from one simulation to the next, for what is kept between them. */
const steadyNow = (): number => (world === undefined ? realPerformanceNow() : world.scheduler.now);

function VirtualDate(this: unknown, ...args: unknown[]): Date | string {
  // Called without `new`, it answers a text.
  if (new.target === undefined) return new RealDate(wallNow()).toString();
  const given = args.length === 0 ? [wallNow()] : args;
  const target: unknown = new.target;
  return Reflect.construct(RealDate, given, target === VirtualDate ? RealDate : (target as new () => unknown)) as Date;
}
Object.defineProperties(VirtualDate, Object.getOwnPropertyDescriptors(RealDate));
VirtualDate.now = wallNow;
RealDate.prototype.constructor = VirtualDate;

/** What `setTimeout` gives back. */
class VirtualTimer {
  task: Task | undefined;
  readonly #begin: () => Task | undefined;
  constructor(begin: (timer: VirtualTimer) => Task | undefined) {
    this.#begin = () => begin(this);
    this.task = this.#begin();
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  refresh(): this {
    this.close();
    this.task = this.#begin();
    return this;
  }
  close(): this {
    if (this.task !== undefined) this.task.work = undefined;
    return this;
  }
  [Symbol.dispose](): void {
    this.close();
  }
}

const durationOf = (ms: unknown): number => (Number(ms) >= 1 && Number(ms) <= LONGEST_MS ? Math.trunc(Number(ms)) : 1);

function clearing(real: (timer: never) => void) {
  return (timer: unknown): void => {
    if (timer instanceof VirtualTimer) timer.close();
    else real(timer as never);
  };
}

const real = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };

const virtual = {
  setTimeout(work: Callback, ms?: unknown, ...args: unknown[]): unknown {
    if (world === undefined) return real.setTimeout(work, ms as number, ...args);
    const { scheduler } = world;
    const place = placeOf(world);
    if (place.isStill) return new VirtualTimer(() => undefined);
    return new VirtualTimer(() => scheduler.timer(durationOf(ms), place, () => work(...args)));
  },
  setInterval(work: Callback, ms?: unknown, ...args: unknown[]): unknown {
    if (world === undefined) return real.setInterval(work, ms as number, ...args);
    const { scheduler } = world;
    const place = placeOf(world);
    return new VirtualTimer((timer) => {
      const again = () => {
        timer.task = scheduler.timer(durationOf(ms), place, again);
        work(...args);
      };
      return scheduler.timer(durationOf(ms), place, again);
    });
  },
  setImmediate(work: Callback, ...args: unknown[]): unknown {
    if (world === undefined) return real.setImmediate(work, ...args);
    const { scheduler } = world;
    const place = placeOf(world);
    return new VirtualTimer(() => scheduler.immediate(place, () => work(...args)));
  },
  clearTimeout: clearing(real.clearTimeout),
  clearInterval: clearing(real.clearInterval),
  clearImmediate: clearing(real.clearImmediate),
};

type Waiting = Readonly<{ signal?: AbortSignal }>;

/** A promise of `timers/promises`. */
function waited<T>(begin: (done: () => void) => unknown, value: T, { signal }: Waiting = {}): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => {
    clearTimeout(timer as NodeJS.Timeout);
    reject(Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), { name: 'AbortError', code: 'ABORT_ERR' }));
  };
  const timer = begin(() => {
    signal?.removeEventListener('abort', abort);
    resolve(value);
  });
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return promise;
}

const pauses = {
  setTimeout: <T>(ms?: number, value?: T, options?: Waiting) => waited((done) => virtual.setTimeout(done, ms), value, options),
  setImmediate: <T>(value?: T, options?: Waiting) => waited((done) => virtual.setImmediate(done), value, options),
};

/** By how many are asked for: libraries draw in bulk and keep what is left, so that what they draw must not shift what others do. */
function bytesOf({ bytes, seed }: World, size: number): () => number {
  const known = bytes.get(size);
  if (known !== undefined) return known;
  const made = createDice(seed ^ Math.imul(size, 0x9e3779b1));
  bytes.set(size, made);
  return made;
}
function fill<T extends ArrayBufferView>(view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const random = world === undefined ? Math.random : bytesOf(world, bytes.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(random() * 256);
  return view;
}
function uuid(): string {
  const hex = Buffer.from(fill(new Uint8Array(16))).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Replaces functions of an object, inside a simulation only. */
function replace(owner: Untyped, functions: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  for (const [name, inside] of Object.entries(functions)) {
    const outside = owner[name] as Callback;
    const value = function (this: unknown, ...args: never[]) {
      return world === undefined ? outside.apply(this, args) : inside.apply(this, args);
    };
    Object.defineProperty(owner, name, { value, configurable: true, enumerable: true, writable: true });
  }
}

/** What completes on the thread pool completes when the scheduler says so. */
function inTurn(owner: Untyped, names: readonly string[]): void {
  for (const name of names) {
    const begin = owner[name] as (...args: unknown[]) => Promise<unknown>;
    owner[name] = function (this: unknown, ...args: unknown[]) {
      if (world === undefined) return begin.apply(this, args);
      return world.scheduler.outside(placeOf(world), () => begin.apply(this, args));
    };
  }
}

function install(): void {
  Object.assign(globalThis, virtual, { Date: VirtualDate });
  const timers = require('node:timers') as Untyped;
  Object.assign(timers, virtual);
  const later = require('node:timers/promises') as Untyped;
  replace(later, pauses);
  Object.defineProperty(virtual.setTimeout, promisify.custom, { value: later['setTimeout'] });
  Object.defineProperty(virtual.setImmediate, promisify.custom, { value: later['setImmediate'] });
  performance.now = steadyNow;
  const hrtime = process.hrtime;
  const virtualHrtime = (since?: [number, number]): [number, number] => {
    if (world === undefined) return hrtime(since);
    const ms = steadyNow() - (since === undefined ? 0 : since[0] * 1_000 + since[1] / 1e6);
    return [Math.floor(ms / 1_000), Math.floor((ms % 1_000) * 1e6)];
  };
  process.hrtime = Object.assign(virtualHrtime, {
    bigint: () => (world === undefined ? hrtime.bigint() : BigInt(Math.floor(steadyNow() * 1e6))),
  });
  AbortSignal.timeout = ((begin) => (ms: number) => {
    if (world === undefined) return begin.call(AbortSignal, ms);
    const controller = new AbortController();
    virtual.setTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms);
    return controller.signal;
  })(AbortSignal.timeout);

  replace(Math as never, { random: () => (world as World).random() });
  const randomBytes = (size: number, done?: (error: null, bytes: Buffer) => void) => {
    const bytes = fill(Buffer.alloc(size));
    if (done === undefined) return bytes;
    // In no turn of its own: libraries fill a pool with it every now and then, whatever simulation is under way.
    return queueMicrotask(() => done(null, bytes));
  };
  const crypto = require('node:crypto') as Untyped;
  const randomInt = (least: number, most?: number) =>
    (most === undefined ? 0 : least) + Math.floor((world as World).random() * (most === undefined ? least : most - least));
  replace(crypto, { randomUUID: uuid, randomBytes, randomFillSync: fill, randomInt });
  const web = Object.getPrototypeOf(globalThis.crypto) as Untyped;
  replace(web, { randomUUID: uuid, getRandomValues: fill });
  const subtle = Object.getPrototypeOf(globalThis.crypto.subtle) as Untyped;
  inTurn(subtle, ['generateKey', 'exportKey', 'importKey', 'sign', 'verify', 'digest', 'encrypt', 'decrypt', 'deriveBits', 'deriveKey']);
  inTurn(require('node:fs/promises') as Untyped, simulated['node:fs/promises'] ?? []);
  syncBuiltinESMExports();
}

install();
