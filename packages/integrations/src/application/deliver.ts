import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, byServer, recordAudit } from '@coucou/application/audit/record-audit';
import { Conversations } from '@coucou/application/conversations/repositories';
import { chanceOf } from '@coucou/application/kernel/chance';
import { subscriber } from '@coucou/application/kernel/subscriber';
import type { DurableEvent, FactOf } from '@coucou/application/kernel/event';
import type { Ports } from '@coucou/application/kernel/token';
import { Messages } from '@coucou/application/messages/repositories';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import { ChatError } from '@coucou/domain/kernel/errors';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import { jittered } from '@coucou/domain/kernel/retries';
import type { Message } from '@coucou/domain/messages/message';
import { integrationActions } from '../domain/audit-actions.ts';
import { OK } from '../domain/finding.ts';
import { Integration } from '../domain/integration.ts';
import type { Told, ToldMessage } from './connectors/connector.ts';
import { connectorPorts, createConnectors } from './connectors/connectors.ts';
import { isTold } from './fan-out.ts';
import { integrationDue } from './integration-events.ts';
import { Integrations } from './integration-repository.ts';
import { postAs, postAsPorts } from './post-as.ts';

const deps = {
  ...connectorPorts,
  ...postAsPorts,
  ...auditPorts,
  uow: unitOfWork({ conversations: Conversations, messages: Messages, users: Users, integrations: Integrations, auditLog: AuditLog }),
};
type Given = Ports<typeof deps>;
type Due = DurableEvent<FactOf<typeof integrationDue>>;

/** What is to be told, as it is now; undefined when the integration or the message is gone. */
const openDue = ({ uow }: Given, { account, integrationId, conversationId, messageId }: Due, show: (message: Message) => object) =>
  uow.read(account, async (tx): Promise<Readonly<{ integration: Integration; told: ToldMessage }> | undefined> => {
    const integration = await tx.integrations.lookup(integrationId);
    if (integration === undefined || integration.disabled !== undefined || integration.conversationId !== conversationId) return undefined;
    const conversation = await tx.conversations.lookup(conversationId);
    const message = conversation && (await tx.messages.lookup(conversation, messageId))?.message;
    if (message === undefined || !isTold(message)) return undefined;
    const sender = await tx.users.lookup(message.senderId);
    return {
      integration,
      told: { message, shown: show(message), sender: sender?.displayName ?? '', conversation: conversation?.title ?? '' },
    };
  });

/** Posts what the other side wants said. Who may not say it is refused, which is the integration's failure and no reason to tell it the message again. */
async function reply(given: Given, integration: Integration, { message }: ToldMessage, content: string, requestId: string): Promise<Told> {
  const { userId } = integration;
  if (userId === undefined) return { finding: OK };
  const written = { content, replyToId: message.id, threadRootId: message.threadRoot?.id, key: `reply ${message.id}` };
  try {
    await postAs(given, { ...integration, userId }, written, { requestId, client: byServer.client });
    return { finding: OK };
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind === 'unavailable' || error.kind === 'internal') throw error;
    return { finding: { outcome: 'posting', detail: error.code }, permanent: 'rejected' };
  }
}

/** Writes what became of it, and orders the next attempt where there is one. */
async function settle(given: Given, due: Due, { finding, retryAt, permanent }: Told, probed: boolean): Promise<void> {
  const { uow, clock, ids, integrationSettings } = given;
  const { account, integrationId } = due;
  await uow.write(account, async (tx) => {
    const now = clock.now();
    const current = await tx.integrations.lock(integrationId);
    if (current === undefined) return;
    if (finding.outcome === 'ok') {
      const after = Integration.succeed(current, now);
      if (after !== current) await tx.integrations.update(after);
      return;
    }
    const chance = () => chanceOf(ids);
    const delay = integrationSettings.retries[due.attempts];
    const givenUp = permanent !== undefined || delay === undefined || isTooOld(given, due);
    const after = Integration.fail(current, { finding, retryAt, gone: permanent === 'gone', givenUp, probed }, now, chance);
    await tx.integrations.update(after);
    if (!givenUp) {
      const own = addSeconds(now, jittered(delay, chance));
      tx.emit(again(due, due.attempts + 1, retryAt !== undefined && retryAt > own ? retryAt : own));
    }
    if (after.disabled !== undefined && current.disabled === undefined)
      await recordAudit(given, tx, { account, ...byServer }, integrationActions.integration_disabled, {
        target: integrationId,
        details: { reason: after.disabled.reason },
      });
  });
}

const isTooOld = ({ integrationSettings, clock }: Given, { since }: Due): boolean =>
  isPast(
    addSeconds(
      new Date(since),
      integrationSettings.retries.reduce((sum, delay) => sum + delay, 0),
    ),
    clock.now(),
  );

const again = ({ integrationId, conversationId, messageId, since }: Due, attempts: number, at: Date) =>
  integrationDue({ integrationId, conversationId, messageId, attempts, since: new Date(since), at });

/**
 * Tells one message to one integration. What the other side refuses is no failure of the job: the next attempt is an order of its own. While an
 * integration is paused, what is due for it waits without an attempt, so that a place that stalls does not hold the queue.
 */
export const deliver = (show: (message: Message) => object) =>
  subscriber({
    name: 'integrations.deliver',
    on: integrationDue,
    queue: 'normal',
    deps,
    async run(given, due) {
      const opened = await openDue(given, due, show);
      if (opened === undefined) return;
      const { integration, told } = opened;
      const passed = await pass(given, integration);
      if (passed.until !== undefined) return wait(given, due, passed.until);
      const connector = createConnectors(given)[Integration.kindOf(integration)];
      const answer = await connector.deliver?.(integration, told);
      if (answer === undefined) return;
      const replied = answer.reply === undefined ? undefined : await reply(given, integration, told, answer.reply, due.id);
      await settle(given, due, replied ?? answer, passed.probes);
    },
  });

/** A probe outlives its request by this, so that its end in time can be written. */
const SLACK_SECONDS = 5;

/** Whether it may go now, or when to ask again. */
async function pass(
  { uow, clock, integrationSettings }: Given,
  integration: Integration,
): Promise<Readonly<{ until: Date | undefined; probes: boolean }>> {
  const until = Integration.pauseOf(integration, clock.now());
  const lease = integrationSettings.timeoutSeconds + SLACK_SECONDS;
  if (until !== undefined || Integration.probe(integration, clock.now(), lease) === undefined) return { until, probes: false };
  return uow.write(integration.accountId, async (tx) => {
    const current = await tx.integrations.lock(integration.id);
    if (current === undefined) return { until: undefined, probes: false };
    const now = clock.now();
    const pausedUntil = Integration.pauseOf(current, now);
    const probing = pausedUntil === undefined ? Integration.probe(current, now, lease) : undefined;
    if (probing !== undefined) await tx.integrations.update(probing);
    return { until: pausedUntil, probes: probing !== undefined };
  });
}

/** Until the pause is over, spread over the time after it; given up when that has taken as long as all attempts would. */
async function wait(given: Given, due: Due, pausedUntil: Date): Promise<void> {
  const { uow, ids } = given;
  await uow.write(due.account, async (tx) => {
    if (!isTooOld(given, due)) {
      tx.emit(again(due, due.attempts, addSeconds(pausedUntil, SPREAD_SECONDS * chanceOf(ids))));
      return;
    }
    const current = await tx.integrations.lock(due.integrationId);
    if (current !== undefined) await tx.integrations.update({ ...current, givenUp: current.givenUp + 1 });
  });
}

const SPREAD_SECONDS = 30;
