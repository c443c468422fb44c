import type { Override } from '@coucou/server/composition/ports';
import { createDatabase } from '../support/database.ts';
import { type House, openHouse } from '../use-cases/support.ts';

/** A house on a database of its own, which goes with it. */
export async function openOnPostgres(options: Readonly<{ overrides?: readonly Override[] }> = {}): Promise<House> {
  const database = await createDatabase();
  const house = await openHouse({ ...options, url: database.url });
  return {
    ...house,
    async close() {
      await house.close();
      await database.drop();
    },
  };
}
