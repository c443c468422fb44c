import { randomUUID } from 'node:crypto';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { createOutboxStore } from '@coucou/postgres/outbox/outbox-store';
import { createPeople } from '../support/fixtures.ts';
import type { EnginePools } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';

export type JobRow = Readonly<{
  id: string;
  attempts: number;
  claimed_by: string | null;
  last_error: string | null;
  dead: boolean;
  running: boolean;
  progress: number | null;
}>;

const ROWS = `
  select id, attempts, claimed_by, last_error, dead_at is not null as dead, running_since is not null as running, progress from outbox order by id`;

/** An outbox that a test fills and looks into. */
export type JobHarness = Readonly<{
  storage: TestStorage;
  account: AccountId;
  store(): ReturnType<typeof createOutboxStore>;
  rows(): Promise<readonly JobRow[]>;
  /** Events that are due: their ids. */
  due(type: string, count?: number): Promise<string[]>;
  /** Nobody has heard of any worker for longer than a lease. */
  silence(): Promise<void>;
  empty(): Promise<void>;
}>;

export async function jobHarness(engine: EnginePools): Promise<JobHarness> {
  const storage = storageOn(engine);
  const { account } = await createPeople(storage.uow, 'alice');
  const script = (text: string) => storage.owner.use((session) => session.script(text));
  return {
    storage,
    account,
    store: () => createOutboxStore(storage.main),
    rows: async () => (await storage.owner.use((session) => session.query<JobRow>(ROWS, []))).rows,
    async due(type, count = 1) {
      const ids = Array.from({ length: count }, () => randomUUID());
      const text = 'insert into outbox (account_id, id, type, payload) select $1, id, $2, $3 from unnest($4::uuid[]) id';
      await storage.owner.use((session) => session.query(text, [account, type, '{}', ids]));
      return ids;
    },
    silence: () => script(`update outbox_worker set lease_until = clock_timestamp() - interval '1 second'`),
    empty: () => script('truncate outbox, outbox_worker'),
  };
}
