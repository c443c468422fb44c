import pg from 'pg';

/** The statements of a script, without comments and what psql alone understands. */
export const statementsOf = (sql: string): string[] =>
  sql
    .replaceAll(/^(--|\\).*$/gm, '')
    .split(/;\s*\n/)
    .filter((statement) => statement.trim() !== '');

/** One after the other on one connection, each in a transaction of its own. */
export async function run(url: string, ...sql: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of sql) await client.query(statement);
  } finally {
    await client.end();
  }
}
