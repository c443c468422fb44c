import { lockInAccount } from '@coucou/postgres/kit/account-lock';
import { asId } from '@coucou/domain/kernel/ids';
import type { Json } from '@coucou/postgres/kit/json';
import type { Kysely, Selectable } from 'kysely';
import type { IntegrationRepository } from '../application/integration-repository.ts';
import type { ConnectorSettings } from '../domain/connector.ts';
import type { Outcome } from '../domain/finding.ts';
import type { Checked, DisabledReason, Integration, IntegrationId } from '../domain/integration.ts';

type IntegrationTable = {
  account_id: string;
  id: string;
  name: string;
  conversation_id: string;
  user_id: string | null;
  connector: string;
  settings: Json<object>;
  sealed_credentials: string | null;
  token_hash: string | null;
  disabled_reason: string | null;
  disabled_at: Date | null;
  checked_at: Date | null;
  check_outcome: string | null;
  check_detail: string | null;
  failures: number;
  failing_since: Date | null;
  paused_until: Date | null;
  failed_at: Date | null;
  failure_outcome: string | null;
  failure_detail: string | null;
  delivered_at: Date | null;
  given_up: number;
  created_by: string | null;
  created_at: Date;
};

const checkedOf = (at: Date | null, outcome: string | null, detail: string | null): Checked | undefined =>
  at === null || outcome === null ? undefined : { at, outcome: outcome as Outcome, detail: detail ?? undefined };

const toIntegration = (row: Selectable<IntegrationTable>): Integration => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  name: row.name,
  conversationId: asId(row.conversation_id),
  userId: row.user_id === null ? undefined : asId(row.user_id),
  connector: { ...row.settings, kind: row.connector } as ConnectorSettings,
  sealedCredentials: row.sealed_credentials ?? undefined,
  tokenHash: row.token_hash ?? undefined,
  disabled:
    row.disabled_reason === null || row.disabled_at === null
      ? undefined
      : { reason: row.disabled_reason as DisabledReason, at: row.disabled_at },
  check: checkedOf(row.checked_at, row.check_outcome, row.check_detail),
  failures: row.failures,
  failingSince: row.failing_since ?? undefined,
  pausedUntil: row.paused_until ?? undefined,
  lastFailure: checkedOf(row.failed_at, row.failure_outcome, row.failure_detail),
  lastDeliveredAt: row.delivered_at ?? undefined,
  givenUp: row.given_up,
  createdBy: row.created_by === null ? undefined : asId(row.created_by),
  createdAt: row.created_at,
});

function fromIntegration(integration: Integration) {
  const { kind, ...settings } = integration.connector;
  return {
    name: integration.name,
    conversation_id: integration.conversationId,
    user_id: integration.userId ?? null,
    connector: kind,
    settings: JSON.stringify(settings),
    sealed_credentials: integration.sealedCredentials ?? null,
    token_hash: integration.tokenHash ?? null,
    disabled_reason: integration.disabled?.reason ?? null,
    disabled_at: integration.disabled?.at ?? null,
    checked_at: integration.check?.at ?? null,
    check_outcome: integration.check?.outcome ?? null,
    check_detail: integration.check?.detail ?? null,
    failures: integration.failures,
    failing_since: integration.failingSince ?? null,
    paused_until: integration.pausedUntil ?? null,
    failed_at: integration.lastFailure?.at ?? null,
    failure_outcome: integration.lastFailure?.outcome ?? null,
    failure_detail: integration.lastFailure?.detail ?? null,
    delivered_at: integration.lastDeliveredAt ?? null,
    given_up: integration.givenUp,
  };
}

export function createIntegrationRepository(db: Kysely<{ integration: IntegrationTable }>): IntegrationRepository {
  const all = () => db.selectFrom('integration').selectAll();
  const byId = (id: IntegrationId) => all().where('id', '=', id);
  const enabledOf = (conversation: string) => all().where('conversation_id', '=', conversation).where('disabled_at', 'is', null);

  return {
    async list() {
      return (await all().orderBy('id', 'desc').execute()).map(toIntegration);
    },

    async outgoingOf(conversation) {
      const rows = await enabledOf(conversation).where('connector', '<>', 'incomingWebhook').orderBy('id').execute();
      return rows.map(toIntegration);
    },

    async lookup(id) {
      const row = await byId(id).executeTakeFirst();
      return row && toIntegration(row);
    },

    lockAll: () => lockInAccount(db, 'integrations'),

    async lock(id) {
      const row = await byId(id).forUpdate().executeTakeFirst();
      return row && toIntegration(row);
    },

    async lockOf(conversation) {
      return (await enabledOf(conversation).orderBy('id').forUpdate().execute()).map(toIntegration);
    },

    async add(integration) {
      const { accountId: account_id, id, createdBy, createdAt: created_at } = integration;
      await db
        .insertInto('integration')
        .values({ account_id, id, ...fromIntegration(integration), created_by: createdBy ?? null, created_at })
        .execute();
    },

    async update(integration) {
      await db.updateTable('integration').set(fromIntegration(integration)).where('id', '=', integration.id).execute();
    },

    async remove(id) {
      await db.deleteFrom('integration').where('id', '=', id).execute();
    },
  };
}
