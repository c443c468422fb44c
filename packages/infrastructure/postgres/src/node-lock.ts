import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { errors } from '@coucou/domain/kernel/errors';
import pg from 'pg';

/** Another server holds this database. */
export class OtherNodeError extends Error {}

const NODE_LOCK = 7_266_826;
/** How long a start waits for the lock: a killed server's connection lingers. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 250;
/** How often the connection that holds the lock is asked whether it still does. */
const BEAT_MS = 500;
/** How long its last answer stands: longer, and the database may have given the lock to another without our notice. */
const TRUSTED_MS = 4_000;
/** How long a call waits for the next answer. */
const WAIT_MS = 1_000;
/**
 * The wait for an answer is counted in steps: after some it is doubtful, and after more the database counts as silent. A step that ends late does
 * not count: this process was busy, or the machine is, and so may be the database.
 */
const STEP_MS = 100;
const LATE_MS = 50;
const DOUBT_STEPS = 5;
const SILENCE_STEPS = 15;
/** At the start a slow network is waited for; to hold it again, another attempt is better than to wait for one that met an outage. */
const START_WITHIN_MS = 5_000;
const REGAIN_WITHIN_MS = 3_000;

export type NodeLock = Readonly<{
  /** Undefined while the lock is held for certain; else waits a moment for certainty, and throws `SERVICE_UNAVAILABLE` without it. */
  guard(): Promise<void> | undefined;
  release(): Promise<void>;
}>;

export type NodeLockOptions = Readonly<{
  url: string;
  /** Others may hold it as well, who say the same. */
  isShared: boolean;
  /** The connection that holds the lock broke. It is acquired again as soon as the database answers and no other server has it. */
  onLost: (error: Error) => void;
  onRegained: () => void;
  /** Another server has it, which excludes this one. Called once for each loss. */
  onTaken: () => void;
  /** The database owes an answer. What this returns is called when it still does a second later. */
  onDoubt?: () => () => void;
}>;

type Wanted = Pick<NodeLockOptions, 'url' | 'isShared'>;

/** A connection that has the lock. */
type Hold = Readonly<{
  client: pg.Client;
  pid: number;
  /** With the pid it names one backend of all times. */
  startedAt: string;
  /** Known from the moment that the connection breaks, before `over` settles. */
  isOver: () => boolean;
  over: Promise<Error>;
  /** Ends the connection without a wait. */
  end: () => void;
}>;

const acquiring = (isShared: boolean): string => `
  select pg_try_advisory_lock${isShared ? '_shared' : ''}($1) as held, pid, backend_start::text as started_at from pg_stat_activity where pid = pg_backend_pid()`;

/** Our own former connection may outlive a broken network on the database's side, and would keep the lock. */
const END_FORMER = 'select pg_terminate_backend(pid, 2000) from pg_stat_activity where pid = $1 and backend_start = $2::timestamptz';

/** Undefined when another server has the lock. */
async function tryToHold({ url, isShared }: Wanted, withinMs: number, former?: Hold): Promise<Hold | undefined> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'coucou node lock',
    keepAlive: true,
    connectionTimeoutMillis: withinMs,
    query_timeout: withinMs,
  });
  let isOver = false;
  const { promise: over, resolve } = Promise.withResolvers<Error>();
  const broke = (error: Error) => {
    isOver = true;
    resolve(error);
  };
  client.on('error', broke);
  client.on('end', () => broke(new Error('the connection ended')));
  const end = () => void client.end().catch(() => {});
  try {
    await client.connect();
    if (former !== undefined) await client.query(END_FORMER, [former.pid, former.startedAt]);
    const { rows } = await client.query<{ held: boolean; pid: number; started_at: string }>(acquiring(isShared), [NODE_LOCK]);
    const [row] = rows;
    if (row?.held === true) return { client, pid: row.pid, startedAt: row.started_at, isOver: () => isOver, over, end };
  } catch (error) {
    end();
    throw error;
  }
  await client.end();
  return undefined;
}

async function firstHold(wanted: Wanted): Promise<Hold> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await pause(RETRY_MS)) {
    const hold = await tryToHold(wanted, START_WITHIN_MS);
    if (hold !== undefined) return hold;
    if (performance.now() > deadline) throw new OtherNodeError('another server uses this database');
  }
}

/**
 * Without a bus between nodes only one may serve a database: members on another would miss events. So a node without one holds the lock for
 * itself, and nodes with one share it. It is advisory and belongs to a connection of its own, so it ends with the process. A server that lost
 * it, or cannot tell, has no access to the database (`guard`) until it holds it again. Throws `OtherNodeError`.
 */
export async function takeNodeLock({ onLost, onRegained, onTaken, onDoubt, ...wanted }: NodeLockOptions): Promise<NodeLock> {
  const stop = new AbortController();
  const { signal } = stop;
  let confirmedAt = performance.now();
  let hold = await firstHold(wanted);
  let isLost = false;
  let isTaken = false;
  /** While it is lost: there is nothing that is worth a wait. */
  let isHopeless = false;
  let confirming: Promise<void> | undefined;

  const isCertain = () => !isLost && !hold.isOver() && performance.now() - confirmedAt < TRUSTED_MS;

  /** Checks the lock; concurrent callers share one check. A failure shows in `isCertain`. */
  const confirm = (): Promise<void> =>
    (confirming ??= (isLost || hold.isOver() ? regain() : ask())
      .catch(() => {})
      .finally(() => {
        confirming = undefined;
      }));

  async function ask(): Promise<void> {
    const askedAt = performance.now();
    try {
      await watched(hold.client.query('select 1'));
      confirmedAt = askedAt;
    } catch (error) {
      lose(error as Error);
    }
  }

  /** What has arrived is read before the database counts as silent: the event loop may have been busy. */
  async function watched<T>(answer: Promise<T>): Promise<T> {
    const answered = new AbortController();
    const over = { signal: answered.signal };
    const watch = async () => {
      let silent: (() => void) | undefined;
      for (let steps = 0; steps < SILENCE_STEPS; ) {
        const begun = performance.now();
        await pause(STEP_MS, undefined, { ...over, ref: false });
        if (performance.now() - begun > STEP_MS + LATE_MS) continue;
        steps += 1;
        if (steps === DOUBT_STEPS) silent = onDoubt?.();
      }
      await nextTurn(undefined, over);
      silent?.();
      isHopeless = true;
      lose(new Error('the database does not answer'));
    };
    watch().catch(() => {});
    return answer.finally(() => answered.abort());
  }

  function lose(reason: Error): void {
    hold.end();
    if (isLost || signal.aborted) return;
    isLost = true;
    isTaken = false;
    onLost(reason);
  }

  async function regain(): Promise<void> {
    if (hold.isOver()) lose(await hold.over);
    const askedAt = performance.now();
    const next = await watched(tryToHold(wanted, REGAIN_WITHIN_MS, hold)).catch((error: unknown) => {
      isHopeless = true;
      throw error;
    });
    if (next === undefined) {
      isHopeless = true;
      if (!isTaken && !signal.aborted) onTaken();
      isTaken = true;
      return;
    }
    if (signal.aborted) return next.client.end();
    hold = next;
    confirmedAt = askedAt;
    isLost = false;
    isHopeless = false;
    onRegained();
  }

  async function keep(): Promise<void> {
    while (!signal.aborted) {
      await confirm();
      const rest = pause(isLost ? RETRY_MS : BEAT_MS, undefined, { ref: false, signal }).catch(() => {});
      await (isLost ? rest : Promise.race([rest, hold.over]));
    }
  }
  const kept = keep();

  const isWorthWaiting = () => !isCertain() && !isHopeless;

  async function certainty(): Promise<void> {
    const patience = pause(WAIT_MS, undefined, { ref: false });
    // Twice, since the first answer may be to a question from before a pause of this process.
    for (let round = 0; round < 2 && isWorthWaiting(); round += 1) {
      // While it is lost, attempts keep their own pace.
      const answer = isLost || hold.isOver() ? confirming : confirm();
      if (answer !== undefined) await Promise.race([answer, patience]);
    }
    if (!isCertain())
      throw errors.SERVICE_UNAVAILABLE({}, { cause: new OtherNodeError('this server does not hold the lock of its database') });
  }

  return {
    guard: () => (isCertain() ? undefined : certainty()),
    async release() {
      stop.abort();
      await hold.client.end().catch(() => {});
      await kept;
    },
  };
}
