import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { requireRecentSignIn } from '@coucou/application/auth/reauthenticate';
import { Sessions } from '@coucou/application/auth/repositories';
import { Conversations } from '@coucou/application/conversations/repositories';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { RateLimiter } from '@coucou/application/ports/rate-limiter';
import { unitOfWork, type Writing } from '@coucou/application/ports/unit-of-work';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { integrationActions } from '../domain/audit-actions.ts';
import { isOutgoing, targetOf } from '../domain/connector.ts';
import { Integration, integrationErrors, type IntegrationId } from '../domain/integration.ts';
import { integrationLimits } from '../domain/limits.ts';
import { type GivenConnector, givenConnectorPorts, issueSecret, readConnector, requireCredentials, sealFor } from './given-connector.ts';
import { connectorPorts, createConnectors } from './connectors/connectors.ts';
import { IntegrationDirectory, type IntegrationRepository, Integrations } from './integration-repository.ts';

type OfIntegration = Readonly<{ integrationId: IntegrationId }>;

/** `secret`: the token of an incoming webhook or what signs an outgoing one, shown once; undefined for other kinds. */
export type IssuedIntegration = Readonly<{ integration: Integration; secret: string | undefined }>;

const repositories = { integrations: Integrations, conversations: Conversations, sessions: Sessions, auditLog: AuditLog };
const uow = unitOfWork(repositories);
const writing = { uow, directory: IntegrationDirectory, ...givenConnectorPorts, ...auditPorts };

async function requireIntegration(found: Promise<Integration | undefined>): Promise<Integration> {
  const integration = await found;
  if (integration === undefined) throw integrationErrors.NOT_FOUND();
  return integration;
}

const requireLocked = ({ integrations }: Readonly<{ integrations: IntegrationRepository }>, id: IntegrationId): Promise<Integration> =>
  requireIntegration(integrations.lock(id));

/** Where it works is there, and whoever it posts as is in it. */
async function requirePlace(
  { conversations }: Writing<{ conversations: ConversationRepository }>,
  { connector, conversationId, userId }: Pick<Integration, 'connector' | 'conversationId' | 'userId'>,
): Promise<void> {
  if ((await conversations.lookup(conversationId)) === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  if (userId === undefined && isOutgoing(connector.kind)) return;
  const [member] = userId === undefined ? [] : await conversations.members(conversationId, [userId]);
  if (member === undefined || member.leftAt !== undefined) throw integrationErrors.MEMBER_REQUIRED();
}

const about = (integration: Integration) => ({
  kind: Integration.kindOf(integration),
  conversationId: integration.conversationId,
  target: targetOf(integration.connector),
});

export const listIntegrations = adminUseCase({
  name: 'admin.listIntegrations',
  deps: { uow },
  run: ({ uow: { read } }, _input: Readonly<Record<never, never>>, { account }) => read(account, (tx) => tx.integrations.list()),
});

export const getIntegration = adminUseCase({
  name: 'admin.getIntegration',
  deps: { uow },
  run: ({ uow: { read } }, { integrationId }: OfIntegration, { account }): Promise<Integration> =>
    read(account, (tx) => requireIntegration(tx.integrations.lookup(integrationId))),
});

export type CreateIntegration = Readonly<{
  name: string;
  conversationId: ConversationId;
  userId?: UserId | undefined;
  connector: GivenConnector;
}>;

/** It carries what people write out of the server, or lets others write, for as long as it stands, and so takes a recent sign-in. */
export const createIntegration = adminUseCase({
  name: 'admin.createIntegration',
  deps: writing,
  async run({ uow: { write }, directory, ...ports }, input: CreateIntegration, call): Promise<IssuedIntegration> {
    const { name, conversationId, userId } = input;
    const { account: accountId, actor } = call;
    const { connector, credentials } = readConnector(ports, input.connector);
    const id = ports.ids.next<'integration'>();
    const issued = issueSecret(ports, { account: accountId, integrationId: id }, connector.kind);
    const integration: Integration = {
      accountId,
      id,
      name,
      conversationId,
      userId,
      connector,
      sealedCredentials: issued?.sealedCredentials ?? sealFor(ports, { account: accountId, integrationId: id }, credentials),
      tokenHash: issued?.tokenHash,
      disabled: undefined,
      check: undefined,
      failures: 0,
      failingSince: undefined,
      pausedUntil: undefined,
      lastFailure: undefined,
      lastDeliveredAt: undefined,
      givenUp: 0,
      createdBy: actor?.userId,
      createdAt: ports.clock.now(),
    };
    requireCredentials(connector.kind, integration.sealedCredentials);
    await write(accountId, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      await requirePlace(tx, integration);
      await tx.integrations.lockAll();
      if ((await tx.integrations.list()).length >= integrationLimits.perAccount)
        throw integrationErrors.LIMIT_REACHED({ most: integrationLimits.perAccount });
      await tx.integrations.add(integration);
      await recordAudit(ports, tx, call, integrationActions.integration_created, { target: id, details: about(integration) });
    });
    directory.forget(accountId);
    return { integration, secret: issued?.secret };
  },
});

export type UpdateIntegration = OfIntegration &
  Readonly<{
    name?: string | undefined;
    conversationId?: ConversationId | undefined;
    userId?: UserId | undefined;
    connector?: GivenConnector | undefined;
    enabled?: boolean | undefined;
  }>;

/** Whatever leads somewhere else takes a recent sign-in, as a new integration does. */
export const updateIntegration = adminUseCase({
  name: 'admin.updateIntegration',
  deps: writing,
  async run({ uow: { write }, directory, ...ports }, { integrationId, connector: given, ...change }: UpdateIntegration, call) {
    const { account } = call;
    const read = given && readConnector(ports, given);
    const integration = await write(account, async (tx) => {
      const current = await requireLocked(tx, integrationId);
      if (read !== undefined && read.connector.kind !== current.connector.kind) throw integrationErrors.KIND_FIXED();
      const sealedCredentials = read && sealFor(ports, { account, integrationId }, read.credentials);
      const updated = Integration.update(current, { ...change, connector: read?.connector, sealedCredentials }, ports.clock.now());
      if (updated === undefined) return current;
      const { integration: next, changed } = updated;
      const isElsewhere = targetOf(next.connector) !== targetOf(current.connector);
      if (isElsewhere) requireCredentials(next.connector.kind, sealedCredentials);
      if (changed.some((each) => each !== 'name' && each !== 'enabled')) await requireRecentSignIn(ports, tx, call);
      if (next.disabled === undefined) await requirePlace(tx, next);
      await tx.integrations.update(next);
      await recordAudit(ports, tx, call, integrationActions.integration_updated, {
        target: integrationId,
        details: { ...about(next), changed },
      });
      return next;
    });
    directory.forget(account);
    return integration;
  },
});

export const deleteIntegration = adminUseCase({
  name: 'admin.deleteIntegration',
  deps: { uow, ...auditPorts },
  run: ({ uow: { write }, ...ports }, { integrationId }: OfIntegration, call): Promise<void> =>
    write(call.account, async (tx) => {
      const integration = await requireLocked(tx, integrationId);
      await tx.integrations.remove(integrationId);
      await recordAudit(ports, tx, call, integrationActions.integration_deleted, { target: integrationId, details: about(integration) });
    }),
});

/** The one before is good for nothing from here on. */
export const rotateIntegrationSecret = adminUseCase({
  name: 'admin.rotateIntegrationSecret',
  deps: writing,
  run: ({ uow: { write }, ...ports }, { integrationId }: OfIntegration, call): Promise<IssuedIntegration> =>
    write(call.account, async (tx) => {
      const current = await requireLocked(tx, integrationId);
      const issued = issueSecret(ports, { account: call.account, integrationId }, current.connector.kind);
      if (issued === undefined) throw integrationErrors.NO_SECRET();
      await requireRecentSignIn(ports, tx, call);
      const integration = { ...current, sealedCredentials: issued.sealedCredentials, tokenHash: issued.tokenHash };
      await tx.integrations.update(integration);
      await recordAudit(ports, tx, call, integrationActions.integration_secret_rotated, {
        target: integrationId,
        details: { kind: current.connector.kind },
      });
      return { integration, secret: issued.secret };
    }),
});

const CHECKS_PER_MINUTE = { name: 'integrationChecks', limit: integrationLimits.checksPerMinute, windowSeconds: 60 };

/** Tries it as it stands, also while it is disabled. What is found is kept, unless it was changed meanwhile. */
export const checkIntegration = adminUseCase({
  name: 'admin.checkIntegration',
  deps: { uow, perIntegration: RateLimiter, ...connectorPorts, ...auditPorts },
  async run({ uow: { read, write }, perIntegration, ...ports }, { integrationId }: OfIntegration, call): Promise<Integration> {
    const { account } = call;
    const integration = await read(account, (tx) => requireIntegration(tx.integrations.lookup(integrationId)));
    await perIntegration.take(CHECKS_PER_MINUTE, integrationId);
    const kind = Integration.kindOf(integration);
    const finding = await createConnectors(ports)[kind].check(integration);
    return write(account, async (tx) => {
      const current = await requireLocked(tx, integrationId);
      const isOther =
        targetOf(current.connector) !== targetOf(integration.connector) || current.conversationId !== integration.conversationId;
      const checked = isOther ? current : { ...current, check: { ...finding, at: ports.clock.now() } };
      await tx.integrations.update(checked);
      await recordAudit(ports, tx, call, integrationActions.integration_checked, {
        target: integrationId,
        details: { kind, outcome: finding.outcome },
      });
      return checked;
    });
  },
});
