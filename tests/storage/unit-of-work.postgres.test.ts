import type { ConversationId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { openPostgres } from './engines.ts';
import { assemble, type Stand } from './stand.ts';
import { unitOfWorkSuite } from './unit-of-work.suite.ts';
import { createGroup, createWorld } from './world.ts';

describe('the unit of work on PostgreSQL', () => {
  let database: Database;
  let stand: Stand;
  beforeAll(async () => {
    database = await createDatabase();
    stand = assemble(openPostgres(database));
  });
  afterAll(async () => {
    await stand.close();
    await database.drop();
  });

  unitOfWorkSuite(async () => openPostgres(database));

  it('runs work again that lost a deadlock', async () => {
    const { account, alice } = await createWorld(stand.uow, 'alice');
    const [one, other] = [await createGroup(stand.uow, account, [alice]), await createGroup(stand.uow, account, [alice])] as const;
    let runs = 0;
    const { promise: bothHold, resolve: go } = Promise.withResolvers<void>();
    const crossing = (first: ConversationId, second: ConversationId) =>
      stand.uow.write(account, async (tx) => {
        await tx.conversations.lock(first);
        runs += 1;
        if (runs === 2) go();
        await bothHold;
        await tx.conversations.lock(second);
        return 'done';
      });
    expect(await Promise.all([crossing(one, other), crossing(other, one)])).toEqual(['done', 'done']);
    expect(runs).toBeGreaterThan(2);
  });
});
