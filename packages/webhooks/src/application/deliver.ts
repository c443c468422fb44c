import { AuditLog } from '@coucou/application/audit/audit-log';
import { byServer, recordAudit } from '@coucou/application/audit/record-audit';
import { chanceOf } from '@coucou/application/kernel/chance';
import { subscriber } from '@coucou/application/kernel/subscriber';
import type { Ports } from '@coucou/application/kernel/token';
import { tell } from '@coucou/application/notifications/notify';
import { Notifications } from '@coucou/application/notifications/repositories';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { unitOfWork, type Writing } from '@coucou/application/ports/unit-of-work';
import { WebhookSignatures } from '@coucou/application/ports/webhook-signatures';
import { UserAdministration } from '@coucou/application/users/repositories';
import type { Id } from '@coucou/domain/kernel/ids';
import { SealedSecrets } from '@coucou/domain/kernel/sealed-secrets';
import { addSeconds } from '@coucou/domain/kernel/time';
import { notificationKind } from '@coucou/domain/notifications/notification';
import { webhookActions } from '../domain/audit-actions.ts';
import { type Attempt, Delivery, type Ending } from '../domain/delivery.ts';
import { webhookLimits } from '../domain/limits.ts';
import { Webhook, type WebhookId } from '../domain/webhook.ts';
import { type Presenters, presented, presentEvent } from './present-event.ts';
import { webhookDue } from './webhook-events.ts';
import { Deliveries, Webhooks, WebhookSettings } from './webhook-repository.ts';

/** After this it goes on behind the jobs that wait. */
const SLICE_SECONDS = 5;
/** A claim outlives its request by this, so that the end of one in time can be written. */
const SLACK_SECONDS = 5;

export const webhookDisabledKind = notificationKind('webhookDisabled');

const repositories = {
  ...presented,
  webhooks: Webhooks,
  deliveries: Deliveries,
  notifications: Notifications,
  administration: UserAdministration,
  auditLog: AuditLog,
};
const deps = {
  uow: unitOfWork(repositories),
  calls: OutboundCalls,
  signatures: WebhookSignatures,
  settings: WebhookSettings,
  clock: Clock,
  ids: Ids,
};
type Given = Ports<typeof deps> & Readonly<{ present: Presenters }>;
type Tx = Writing<Ports<typeof repositories>>;

type Claimed = Readonly<{ webhook: Webhook; delivery: Delivery; claim: Id<'webhookClaim'>; body: string }>;

/** What is to be sent, with what it says now: under the lock of the webhook, so that two who look at once take different ones. */
async function claim(given: Given, tx: Tx, webhook: Webhook, most: number): Promise<Claimed[]> {
  const { settings, clock, ids, present } = given;
  const now = clock.now();
  const atOnce = Webhook.atOnce(webhook, now);
  if (atOnce === 0 || most === 0) return [];
  const held = ids.next<'webhookClaim'>();
  const until = addSeconds(now, settings.timeoutSeconds + SLACK_SECONDS);
  const deliveries = await tx.deliveries.claim({ webhook, claim: held, until, now, most, atOnce });
  const claimed: Claimed[] = [];
  for (const delivery of deliveries) claimed.push({ webhook, delivery, claim: held, body: await presentEvent(tx, present, delivery) });
  return claimed;
}

/** What the log keeps of an answer: PostgreSQL stores neither NUL nor half a surrogate pair. */
const keptOf = (text: string): string => text.slice(0, webhookLimits.answerKept).replaceAll('\u0000', '\uFFFD').toWellFormed();

type Sent = Readonly<{ ending: Ending; attempt: Attempt }>;

async function send({ calls, signatures, settings, clock, ids }: Given, { webhook, delivery, body }: Claimed): Promise<Sent> {
  const at = clock.now();
  const owner = { account: webhook.accountId, webhookId: webhook.id };
  const headers = signatures.sign(owner, SealedSecrets.inForce(webhook, at), { id: delivery.eventId, at, body });
  const answer = await calls.post({
    url: webhook.url,
    headers: { 'content-type': 'application/json', ...headers },
    body,
    timeoutMs: settings.timeoutSeconds * 1_000,
    maxBytes: webhookLimits.answerBytes,
  });
  const logged = {
    id: ids.next<'webhookAttempt'>(),
    at,
    durationMs: Math.max(0, clock.now().getTime() - at.getTime()),
    url: Delivery.shownUrl(webhook.url),
    ...signatures.digest(body),
  };
  if (typeof answer === 'string') {
    // Redirects are not followed, so that there are never too many.
    const outcome = answer === 'too_many_redirects' ? 'redirected' : answer;
    return {
      ending: { outcome, status: undefined, retryAt: undefined },
      attempt: { ...logged, outcome, status: undefined, answer: undefined },
    };
  }
  const { status, text } = answer;
  const outcome = Delivery.outcomeOf(status);
  const retryAt = Delivery.retryAtOf(answer.header('retry-after'), clock.now());
  return { ending: { outcome, status, retryAt }, attempt: { ...logged, outcome, status, answer: keptOf(text) } };
}

async function tellDisabled(given: Given, tx: Tx, { accountId: account, id, disabled }: Webhook): Promise<void> {
  if (disabled === undefined) return;
  await recordAudit(given, tx, { account, ...byServer }, webhookActions.webhook_disabled, {
    target: id,
    details: { reason: disabled.reason },
  });
  const administrators = await tx.administration.listAdministrators();
  const once = `webhook:${id}:${disabled.at.toISOString()}`;
  await tell(
    given,
    tx,
    account,
    administrators.map((userId) => ({ userId, kind: webhookDisabledKind, actorId: userId, once })),
  );
}

/** Writes what became of an attempt, to the delivery and to its webhook. Answers the webhook as it is then. */
async function end(given: Given, tx: Tx, { webhook: { id }, delivery, claim: held }: Claimed, { ending, attempt }: Sent) {
  const { settings, clock, ids } = given;
  const now = clock.now();
  const chance = () => chanceOf(ids);
  const webhook = await tx.webhooks.lock(id);
  if (webhook === undefined) return undefined;
  const settled = Delivery.settle(delivery, ending, settings.retries, now, chance);
  if (!(await tx.deliveries.end(settled, attempt, held))) return webhook;
  const { outcome, retryAt } = ending;
  const failure = outcome === 'delivered' ? undefined : { gone: outcome === 'gone', retryAt, firstSeconds: settings.retries[0] ?? 0 };
  const after = Webhook.settle(webhook, failure, now, chance);
  if (after === webhook) return webhook;
  await tx.webhooks.update(after);
  if (failure === undefined && Webhook.isProbed(webhook)) await tx.deliveries.hasten(id, now);
  if (webhook.disabled === undefined) await tellDisabled(given, tx, after);
  return after;
}

/** Orders the next look, for when something can be sent. */
async function orderRest({ clock }: Given, tx: Tx, id: WebhookId): Promise<void> {
  const webhook = await tx.webhooks.lock(id);
  if (webhook === undefined || webhook.disabled !== undefined) return;
  const now = clock.now();
  // While it is paused one request will find out.
  const next = await tx.deliveries.nextAt(webhook, Math.max(1, Webhook.atOnce(webhook, now)), now);
  if (next === undefined) return;
  const at = webhook.pausedUntil !== undefined && webhook.pausedUntil > next ? webhook.pausedUntil : next;
  tx.emit(webhookDue({ webhookId: id, at: at > now ? at : undefined }));
}

/**
 * Sends what is due to one endpoint, several requests at once, for some seconds; then orders what is left. What the endpoint refuses is no
 * failure of the job. Whoever is killed leaves claims that end by themselves, and this event, which is run again.
 */
export const deliverTo = (present: Presenters) =>
  subscriber({
    name: 'webhooks.deliver',
    on: webhookDue,
    queue: 'normal',
    deps,
    async run(ports, { account, webhookId }, { stopping }) {
      const given = { ...ports, present };
      const { uow, clock } = ports;
      const endsAt = addSeconds(clock.now(), SLICE_SECONDS);
      const mayGoOn = () => !stopping.aborted && clock.now() < endsAt;
      const first = await uow.write(account, async (tx) => {
        const webhook = await tx.webhooks.lock(webhookId);
        return webhook === undefined ? [] : claim(given, tx, webhook, webhookLimits.atOnce);
      });
      const lanes = first.map(async (claimed) => {
        let next: Claimed | undefined = claimed;
        while (next !== undefined) {
          const current: Claimed = next;
          const sent = await send(given, current);
          [next] = await uow.write(account, async (tx) => {
            const webhook = await end(given, tx, current, sent);
            return webhook === undefined ? [] : claim(given, tx, webhook, mayGoOn() ? 1 : 0);
          });
        }
      });
      const ends = await Promise.allSettled(lanes);
      await uow.write(account, (tx) => orderRest(given, tx, webhookId));
      for (const each of ends) if (each.status === 'rejected') throw each.reason;
    },
  });
