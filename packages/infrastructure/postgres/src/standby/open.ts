import type { Metrics } from '@coucou/application/ports/metrics';
import { createPgPool, type PgPoolOptions, RUNTIME_SESSION } from '../kit/pg-pool.ts';
import type { SessionPool } from '../kit/session.ts';
import { Turns } from '../kit/turns.ts';
import type { NamedPools } from '../storage-metrics.ts';
import { createPositions } from './positions.ts';
import { createStandby, type Standby } from './standby.ts';

type OpenStandby = Standby & Readonly<{ pools: NamedPools; turns: Turns; close(): Promise<void> }>;

type OpenStandbyOptions = Readonly<{
  url: string;
  readUrl: string;
  primary: SessionPool;
  poolSize: number;
  metrics: Metrics;
  /** To the primary. */
  primaryOptions: Pick<PgPoolOptions, 'guard' | 'connections' | 'tracer'>;
}>;

/** Seconds. The last is this side's: a server that hangs ends nothing. */
const READ = { connectTimeout: 1, statementTimeout: 3, answerTimeout: 4 };
const QUESTION = { connectTimeout: 1, statementTimeout: 1, answerTimeout: 2 };

/** Connections to the standby, and one that asks the primary where it stands: that question waits for no other. */
export function openStandby({ url, readUrl, primary, poolSize, metrics, primaryOptions }: OpenStandbyOptions): OpenStandby {
  const turns = new Turns({ places: poolSize });
  const position = createPgPool({ url, max: 1, onConnect: RUNTIME_SESSION, ...QUESTION, ...primaryOptions });
  const standby = createPgPool({ url: readUrl, max: poolSize, onConnect: RUNTIME_SESSION, ...READ, turns, tracer: primaryOptions.tracer });
  const opened = createStandby({ primary, standby, positions: createPositions(position), metrics });
  return {
    ...opened,
    pools: { standby, position },
    turns,
    async close() {
      opened.stop();
      await Promise.all([standby.end(), position.end()]);
    },
  };
}
