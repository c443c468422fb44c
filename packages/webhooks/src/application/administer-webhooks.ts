import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { requireRecentSignIn } from '@coucou/application/auth/reauthenticate';
import { Sessions } from '@coucou/application/auth/repositories';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { WebhookSignatures } from '@coucou/application/ports/webhook-signatures';
import { SealedSecrets } from '@coucou/domain/kernel/sealed-secrets';
import { webhookActions } from '../domain/audit-actions.ts';
import type { WebhookEvent } from '../domain/event-types.ts';
import { webhookLimits } from '../domain/limits.ts';
import { Webhook, type WebhookChange, webhookErrors, type WebhookId } from '../domain/webhook.ts';
import { webhookDue } from './webhook-events.ts';
import { Deliveries, WebhookDirectory, type WebhookRepository, Webhooks } from './webhook-repository.ts';

type OfWebhook = Readonly<{ webhookId: WebhookId }>;

/** A webhook with its secret, which is shown once. */
export type IssuedWebhook = Readonly<{ webhook: Webhook; secret: string }>;

const uow = unitOfWork({ webhooks: Webhooks, deliveries: Deliveries, sessions: Sessions, auditLog: AuditLog });

export async function requireWebhook(found: Promise<Webhook | undefined>): Promise<Webhook> {
  const webhook = await found;
  if (webhook === undefined) throw webhookErrors.NOT_FOUND();
  return webhook;
}

const requireLocked = ({ webhooks }: Readonly<{ webhooks: WebhookRepository }>, id: WebhookId): Promise<Webhook> =>
  requireWebhook(webhooks.lock(id));

export const listWebhooks = adminUseCase({
  name: 'admin.listWebhooks',
  deps: { uow },
  run: ({ uow: { read } }, _input: Readonly<Record<never, never>>, { account }) => read(account, (tx) => tx.webhooks.list()),
});

export const getWebhook = adminUseCase({
  name: 'admin.getWebhook',
  deps: { uow },
  run: ({ uow: { read } }, { webhookId }: OfWebhook, { account }): Promise<Webhook> =>
    read(account, (tx) => requireWebhook(tx.webhooks.lookup(webhookId))),
});

export type CreateWebhook = Readonly<{ url: string; description?: string | undefined; events: readonly WebhookEvent[]; ordered: boolean }>;

/** It carries what people write out of the server for as long as it stands, and so takes a recent sign-in. */
export const createWebhook = adminUseCase({
  name: 'admin.createWebhook',
  deps: { uow, calls: OutboundCalls, signatures: WebhookSignatures, directory: WebhookDirectory, ...auditPorts },
  async run({ uow: { write }, calls, signatures, directory, ...ports }, input: CreateWebhook, call): Promise<IssuedWebhook> {
    const { url, description, events, ordered } = input;
    if (!calls.accepts(url)) throw webhookErrors.URL_REFUSED();
    const { account: accountId, actor } = call;
    const id = ports.ids.next<'webhook'>();
    const { secret, sealedSecret } = signatures.create({ account: accountId, webhookId: id });
    const webhook: Webhook = {
      accountId,
      id,
      url,
      description,
      events,
      ordered,
      sealedSecret,
      previous: undefined,
      disabled: undefined,
      failures: 0,
      failingSince: undefined,
      pausedUntil: undefined,
      createdBy: actor?.userId,
      createdAt: ports.clock.now(),
    };
    await write(accountId, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      await tx.webhooks.lockAll();
      if ((await tx.webhooks.list()).length >= webhookLimits.perAccount)
        throw webhookErrors.LIMIT_REACHED({ most: webhookLimits.perAccount });
      await tx.webhooks.add(webhook);
      await recordAudit(ports, tx, call, webhookActions.webhook_created, {
        target: id,
        details: { origin: Webhook.originOf(webhook), events },
      });
    });
    directory.forget(accountId);
    return { webhook, secret };
  },
});

/** Another address takes a recent sign-in, as a new webhook does. What waits is sent to the new one, at once. */
export const updateWebhook = adminUseCase({
  name: 'admin.updateWebhook',
  deps: { uow, calls: OutboundCalls, directory: WebhookDirectory, ...auditPorts },
  async run({ uow: { write }, calls, directory, ...ports }, { webhookId, ...change }: OfWebhook & WebhookChange, call): Promise<Webhook> {
    const { account } = call;
    if (change.url !== undefined && !calls.accepts(change.url)) throw webhookErrors.URL_REFUSED();
    const webhook = await write(account, async (tx) => {
      const now = ports.clock.now();
      const current = await requireLocked(tx, webhookId);
      const updated = Webhook.update(current, change, now);
      if (updated === undefined) return current;
      const { webhook: changed } = updated;
      if (updated.changed.includes('url')) await requireRecentSignIn(ports, tx, call);
      await tx.webhooks.update(changed);
      if (changed.disabled === undefined && (updated.changed.includes('url') || updated.changed.includes('enabled')))
        await tx.deliveries.hasten(webhookId, now);
      tx.emit(webhookDue({ webhookId }));
      await recordAudit(ports, tx, call, webhookActions.webhook_updated, {
        target: webhookId,
        details: { origin: Webhook.originOf(changed), changed: updated.changed },
      });
      return changed;
    });
    directory.forget(account);
    return webhook;
  },
});

export const deleteWebhook = adminUseCase({
  name: 'admin.deleteWebhook',
  deps: { uow, ...auditPorts },
  run: ({ uow: { write }, ...ports }, { webhookId }: OfWebhook, call): Promise<void> =>
    write(call.account, async (tx) => {
      const webhook = await requireLocked(tx, webhookId);
      await tx.webhooks.remove(webhookId, ports.clock.now());
      await recordAudit(ports, tx, call, webhookActions.webhook_deleted, {
        target: webhookId,
        details: { origin: Webhook.originOf(webhook) },
      });
    }),
});

export const rotateWebhookSecret = adminUseCase({
  name: 'admin.rotateWebhookSecret',
  deps: { uow, signatures: WebhookSignatures, ...auditPorts },
  async run(
    { uow: { write }, signatures, ...ports },
    { webhookId, overlapSeconds }: OfWebhook & Readonly<{ overlapSeconds: number }>,
    call,
  ): Promise<IssuedWebhook> {
    const { secret, sealedSecret } = signatures.create({ account: call.account, webhookId });
    const webhook = await write(call.account, async (tx) => {
      const current = await requireLocked(tx, webhookId);
      await requireRecentSignIn(ports, tx, call);
      const rotated = SealedSecrets.rotate(current, sealedSecret, overlapSeconds, ports.clock.now());
      await tx.webhooks.update(rotated);
      await recordAudit(ports, tx, call, webhookActions.webhook_secret_rotated, { target: webhookId, details: { overlapSeconds } });
      return rotated;
    });
    return { webhook, secret };
  },
});
