import type { SpawnedApp } from '../../support/spawned-app.ts';

/** Lines in which a node says of itself that it went wrong. */
export const faultsInLogs = (app: SpawnedApp): string[] =>
  app
    .logs()
    .filter(({ level, msg }) => level === 'fatal' || /unhandled|uncaught/i.test(String(msg)))
    .map(({ msg }) => String(msg));
