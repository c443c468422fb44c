import type { ConversationType } from '@coucou/domain/conversations/permissions';
import { asId } from '@coucou/domain/kernel/ids';
import { createKnownOfAccounts } from '@coucou/postgres/kit/known-of-accounts';
import type { SessionPool } from '@coucou/postgres/kit/session';
import type { Kysely } from 'kysely';
import type { HookDirectory, HookRepository } from '../application/before-send-ports.ts';
import type { BeforeSendHook, OnFailure } from '../domain/before-send-hook.ts';

type HookTable = {
  account_id: string;
  url: string;
  timeout_ms: number;
  on_failure: string;
  conversation_types: string[];
  enabled: boolean;
  sealed_secret: string;
  previous_sealed_secret: string | null;
  previous_until: Date | null;
  created_by: string | null;
  created_at: Date;
  changed_at: Date;
};

const toHook = (row: Readonly<HookTable>): BeforeSendHook => ({
  accountId: asId(row.account_id),
  url: row.url,
  timeoutMs: row.timeout_ms,
  onFailure: row.on_failure as OnFailure,
  conversationTypes: row.conversation_types as ConversationType[],
  enabled: row.enabled,
  sealedSecret: row.sealed_secret,
  previous:
    row.previous_sealed_secret === null || row.previous_until === null
      ? undefined
      : { sealedSecret: row.previous_sealed_secret, until: row.previous_until },
  createdBy: row.created_by === null ? undefined : asId(row.created_by),
  createdAt: row.created_at,
  changedAt: row.changed_at,
});

const fromHook = (hook: BeforeSendHook) => ({
  url: hook.url,
  timeout_ms: hook.timeoutMs,
  on_failure: hook.onFailure,
  conversation_types: [...hook.conversationTypes],
  enabled: hook.enabled,
  sealed_secret: hook.sealedSecret,
  previous_sealed_secret: hook.previous?.sealedSecret ?? null,
  previous_until: hook.previous?.until ?? null,
  changed_at: hook.changedAt,
});

export function createHookRepository(db: Kysely<{ before_send_hook: HookTable }>): HookRepository {
  const own = () => db.selectFrom('before_send_hook').selectAll();
  const found = (row: HookTable | undefined) => row && toHook(row);
  return {
    lookup: async () => found(await own().executeTakeFirst()),
    lock: async () => found(await own().forUpdate().executeTakeFirst()),

    async add(hook) {
      const { accountId: account_id, createdBy, createdAt: created_at } = hook;
      const { numInsertedOrUpdatedRows = 0n } = await db
        .insertInto('before_send_hook')
        .values({ account_id, ...fromHook(hook), created_by: createdBy ?? null, created_at })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows > 0n;
    },

    async update(hook) {
      await db.updateTable('before_send_hook').set(fromHook(hook)).execute();
    },

    async remove() {
      await db.deleteFrom('before_send_hook').execute();
    },
  };
}

const ENABLED = 'select * from before_send_hook where enabled';

/** So that an account costs a question in five seconds, and not one for each message. */
export const createHookDirectory = (pool: SessionPool): HookDirectory =>
  createKnownOfAccounts(pool, ENABLED, 'before-send-enabled', (row) => row && toHook(row as HookTable));
