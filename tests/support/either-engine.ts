import { createDatabase, hasPostgres, redisUrl } from './database.ts';
import { type AppOptions, type ListeningApp, startTestApp } from './listening-app.ts';

/**
 * Nodes on what this run has: two on PostgreSQL and Redis in the project `integration`, and one on its embedded database, which serves
 * no more, in the project `embedded`.
 */
export async function startNodes(
  optionsOf: (name: string) => Omit<AppOptions, 'database' | 'redisUrl'>,
): Promise<Readonly<{ nodes: readonly [ListeningApp, ListeningApp]; close(): Promise<void> }>> {
  if (!hasPostgres()) {
    const node = await startTestApp(optionsOf('here'));
    return { nodes: [node, node], close: () => node.close() };
  }
  const undo: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const database = await createDatabase();
    undo.push(() => database.drop());
    const start = async (name: string): Promise<ListeningApp> => {
      const { env, ...options } = optionsOf(name);
      const node = await startTestApp({ ...options, database, redisUrl: redisUrl(), env: { INSTANCE_ID: name, ...env } });
      undo.push(() => node.close());
      return node;
    };
    return { nodes: [await start('here'), await start('there')], close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One server on PostgreSQL and Redis where this run has them, and on its embedded database elsewhere. */
export async function startOnEither(options: Omit<AppOptions, 'database' | 'redisUrl'> = {}): Promise<ListeningApp> {
  if (!hasPostgres()) return startTestApp(options);
  const database = await createDatabase();
  try {
    const app = await startTestApp({ ...options, database, redisUrl: redisUrl() });
    return {
      ...app,
      async close() {
        await app.close();
        await database.drop();
      },
    };
  } catch (error) {
    await database.drop();
    throw error;
  }
}
