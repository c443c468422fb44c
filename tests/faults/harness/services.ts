import type { Instance } from '../../support/instance.ts';
import { startPostgres } from '../../support/services.ts';
import { createTemplate, type Databases } from '../../support/template.ts';

/** A PostgreSQL that scenarios may kill, one after the other, with a migrated template. It says when each row was committed. */
export type Services = Readonly<{ postgres: Instance; databases: Databases; stop: () => Promise<void> }>;

export async function startServices(): Promise<Services> {
  const postgres = await startPostgres({ settings: { track_commit_timestamp: 'on' } });
  try {
    return { postgres, databases: await createTemplate(postgres.url), stop: () => postgres.stop() };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
