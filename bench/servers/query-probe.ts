import pg from 'pg';

/** Loaded into a server beside the probe: answers how many queries it has sent to PostgreSQL, each a round trip of its own or pipelined. */
let queries = 0;
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function counted(this: pg.Client, ...args: unknown[]) {
  queries += 1;
  return Reflect.apply(query, this, args);
} as typeof query;

process.on('message', (message) => {
  if (message === 'queries') process.send?.(queries);
});
process.channel?.unref();
