import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import type { Service } from './instance.ts';
import { providePostgres, provideRedis } from './services.ts';
import { createTemplate, type Databases, dropDatabases } from './template.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databases: Databases;
    redisUrl: string;
  }
}

const REPORT = path.resolve(import.meta.dirname, '../../.cache/services.json');

/**
 * PostgreSQL with a migrated template, and Redis, for the integration tests of one run.
 * @public Vitest calls it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const undo: (() => Promise<void>)[] = [];
  const teardown = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const postgres = await providePostgres();
    undo.push(() => postgres.stop());
    const redis = await provideRedis();
    undo.push(() => redis.stop());
    await report(postgres, redis);
    const databases = await createTemplate(postgres.url);
    undo.push(() => dropDatabases(databases));
    project.provide('databases', databases);
    project.provide('redisUrl', redis.url);
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

/** Says which services the run rests on: on the console for people, in a file for the pipeline, which wants real ones. */
async function report(postgres: Service, redis: Service): Promise<void> {
  const of = ({ source, version }: Service) => ({ source, version });
  await mkdir(path.dirname(REPORT), { recursive: true });
  await writeFile(REPORT, `${JSON.stringify({ postgres: of(postgres), redis: of(redis) }, undefined, 2)}\n`);
  console.log(`services: PostgreSQL ${postgres.version} (${postgres.source}), Redis ${redis.version} (${redis.source})`);
}
