import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Instance } from './instance.ts';
import { machinePostgres, type PostgresBinaries, startPrivatePostgres } from './postgres.ts';
import { cloneDatabase, createTemplate, type Database } from './template.ts';
import { until } from './until.ts';

/** A migrated database on a primary of its own, with a streaming standby. */
export type Replicated = Readonly<{
  database: Database;
  /** The database on the standby, for the same login. */
  readUrl: string;
  primary: Omit<Instance, 'version'>;
  standby: Omit<Instance, 'version'>;
  /** What the standby receives from now on is not replayed. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  promote(): Promise<void>;
  /** Stops the processes of the standby where they are, or lets them go on: a server that hangs. */
  hang(): Promise<void>;
  goOn(): Promise<void>;
  /** Waits until the standby has replayed what the primary has written so far. */
  caughtUp(): Promise<void>;
  /** One statement of the superuser in the database. */
  onPrimary<R extends pg.QueryResultRow>(text: string): Promise<R[]>;
  onStandby<R extends pg.QueryResultRow>(text: string): Promise<R[]>;
  stop(): Promise<void>;
}>;

/** The machine's own, where it can copy a cluster. */
export function replicatingPostgres(): PostgresBinaries | undefined {
  const binaries = machinePostgres();
  return binaries !== undefined && existsSync(path.join(binaries.directory, 'pg_basebackup')) ? binaries : undefined;
}

const SETTINGS = { max_connections: '100', wal_level: 'replica', hot_standby: 'on', fsync: 'off' };

const at = (url: string, { host, pathname }: Readonly<{ host?: string; pathname?: string }>): string => {
  const changed = new URL(url);
  if (host !== undefined) changed.host = host;
  if (pathname !== undefined) changed.pathname = pathname;
  return changed.href;
};

/** One may have ended meanwhile, such as the one that asked for the others. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

export async function startReplicated(binaries: PostgresBinaries): Promise<Replicated> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const primary = await startPrivatePostgres(binaries, SETTINGS);
    undo.push(() => primary.stop());
    const database = await cloneDatabase(await createTemplate(primary.url));
    const standby = await startPrivatePostgres(
      binaries,
      { ...SETTINGS, wal_retrieve_retry_interval: '100ms' },
      {
        async make(bin, _directory, data, user) {
          const flags = ['-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync', '-d', primary.url];
          await promisify(execFile)(path.join(bin, 'pg_basebackup'), flags, { cwd: path.dirname(data), ...user });
          return decodeURIComponent(new URL(primary.url).password);
        },
        ready: 'database system is ready to accept read-only connections',
      },
    );
    undo.push(() => standby.stop());
    const { host } = new URL(standby.url);
    const { pathname } = new URL(database.url);
    const on =
      (url: string) =>
      async <R extends pg.QueryResultRow>(text: string): Promise<R[]> => {
        const client = new pg.Client({ connectionString: at(url, { pathname }) });
        await client.connect();
        try {
          return (await client.query<R>(text)).rows;
        } finally {
          await client.end();
        }
      };
    const [onPrimary, onStandby] = [on(primary.url), on(standby.url)];
    let hung: readonly number[] = [];
    return {
      database,
      readUrl: at(database.url, { host }),
      primary,
      standby,
      async pause() {
        await onStandby('select pg_wal_replay_pause()');
        await until(async () => (await onStandby('select pg_get_wal_replay_pause_state() as state'))[0]?.['state'] === 'paused', {
          what: 'the replay to pause',
        });
      },
      resume: async () => void (await onStandby('select pg_wal_replay_resume()')),
      promote: async () => void (await onStandby('select pg_promote()')),
      async hang() {
        const backends = await onStandby<{ pid: number }>(`select pid from pg_stat_activity where backend_type = 'client backend'`);
        await standby.kill('SIGSTOP');
        hung = backends.map(({ pid }) => pid).filter((pid) => signal(pid, 'SIGSTOP'));
      },
      async goOn() {
        for (const pid of hung) signal(pid, 'SIGCONT');
        await standby.kill('SIGCONT');
      },
      async caughtUp() {
        const [row] = await onPrimary<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn');
        await until(
          async () => (await onStandby(`select pg_last_wal_replay_lsn() >= '${row?.lsn}'::pg_lsn as reached`))[0]?.['reached'] === true,
          { what: 'the standby to be level' },
        );
      },
      onPrimary,
      onStandby,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
