import type { Fault } from '@coucou/observability/logger';
import type { Config } from '../config.ts';
import { version } from '../version.ts';

/** Reports to Sentry; without a DSN none of its code is loaded. */
export type ErrorReports = Readonly<{
  report: (fault: Fault) => void;
  /** Delivers what is left, for a moment. */
  close: () => Promise<void>;
}>;

export async function openErrorReports({
  sentryDsn: dsn,
  mode,
  instanceId,
}: Pick<Config, 'sentryDsn' | 'mode' | 'instanceId'>): Promise<ErrorReports | undefined> {
  if (dsn === undefined) return undefined;
  const { openErrorReports: open } = await import('@coucou/error-reports/open');
  return open({ dsn, release: `coucou@${version}`, environment: mode, instance: instanceId });
}
