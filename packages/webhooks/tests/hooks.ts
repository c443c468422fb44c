import { WebhookSettings } from '../src/application/webhook-repository.ts';
import { webhookEvents } from '../src/domain/event-types.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import { outboundTo } from '../../../tests/support/outbound.ts';
import { type Calling, openTestApp, type TestApp, type TestAppOptions } from '../../../tests/support/test-app.ts';

export const RETRIES = [5, 30, 120];

/** Receivers of tests are on this machine, which an operator would have to allow. */
export const openHookApp = ({ overrides = [], ...options }: TestAppOptions = {}): Promise<TestApp> =>
  openTestApp({
    ...options,
    overrides: [
      outboundTo({ allow: ['127.0.0.1'] }),
      (container) => container.provide(WebhookSettings, () => ({ timeoutSeconds: 1, retries: RETRIES, retentionDays: 14 })),
      ...overrides,
    ],
  });

export const create = (by: Calling, url: string, more: object = {}): Promise<Payload> =>
  by.call('admin.createWebhook', { url, events: [...webhookEvents], ...more });

export const deliveries = async (by: Calling, webhookId: string, more: object = {}): Promise<Payload[]> =>
  (await by.call('admin.listWebhookDeliveries', { webhookId, limit: 100, ...more })).items;

export const shown = (by: Calling, webhookId: string, deliveryId: string): Promise<Payload> =>
  by.call('admin.getWebhookDelivery', { webhookId, deliveryId });

/** Lets this much time pass, and runs what has become due. */
export async function pass(app: TestApp, seconds: number): Promise<void> {
  app.time.now = new Date((app.time.now ?? new Date()).getTime() + seconds * 1_000);
  await app.dueNow();
  await app.settled();
}
