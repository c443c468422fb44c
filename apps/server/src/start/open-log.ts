import { createLogger, type Fault, type Logger } from '@coucou/observability/logger';
import type { Config } from '../config.ts';
import { codeOf, StartError } from './start-error.ts';

/** The log that the configuration names. Throws a `StartError` where its file cannot be opened. */
export function openLog({ log, instanceId }: Pick<Config, 'log' | 'instanceId'>, onFault?: (fault: Fault) => void): Logger {
  try {
    return createLogger({ ...log, instance: instanceId, onFault });
  } catch (error) {
    const code = codeOf(error);
    if (log.file === undefined || code === undefined) throw error;
    throw new StartError(
      `LOG_FILE names ${log.file.path}, which cannot be opened (${code}); create its directory, and let this user write there`,
      {
        cause: error,
      },
    );
  }
}
