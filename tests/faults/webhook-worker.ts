import { type Resolve, resolvePorts, type Token } from '@coucou/application/kernel/token';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import { WebhookSignatures } from '@coucou/application/ports/webhook-signatures';
import { openStorage } from '@coucou/postgres/storage';
import { openRedis } from '@coucou/redis/open';
import { systemClock } from '@coucou/runtime/clock';
import { createIds } from '@coucou/runtime/ids';
import { createOutbox } from '@coucou/runtime/outbox';
import { createWebhookSignatures } from '@coucou/security/webhook-signatures';
import { catalogueOf } from '@coucou/server/composition/catalogue';
import { features } from '@coucou/server/composition/features';
import { createOutboundCalls } from '@coucou/server/start/outbound-calls';
import { WebhookSettings } from '../../packages/webhooks/src/application/webhook-repository.ts';
import { webhooksFeature } from '../../packages/webhooks/src/feature.ts';

/** A process that does nothing but take events out of the outbox and send them to webhooks, by what the server does it by. */

const env = (name: string): string => process.env[name] ?? '';
const log = {
  info: () => {},
  warn: (details: object, message: string) => console.error(message, details),
  error: (details: object, message: string) => console.error(message, details),
};
const catalogue = catalogueOf(features);
const storage = await openStorage({
  database: { url: env('DATABASE_URL') },
  live: { publish: () => {} },
  events: catalogue.events,
  parts: catalogue.storage,
  onIdleError: () => {},
});
const redis = openRedis({ url: env('REDIS_URL'), secret: env('SECRET'), metrics: noMetrics, log: log as never });

const made = new Map<symbol, unknown>([
  ...storage.readers.map(({ token, make }): [symbol, unknown] => [token, make()]),
  [Transactions, storage.transactions],
  [Clock, systemClock],
  [Ids, createIds()],
  [OutboundCalls, createOutboundCalls({ allow: ['127.0.0.1'] })],
  [WebhookSignatures, createWebhookSignatures(env('SECRET'))],
  // A second between attempts, for as long as the test may take.
  [WebhookSettings, { timeoutSeconds: 1, retries: Array.from({ length: 60 }, () => 1), retentionDays: 14 }],
]);
const resolve: Resolve = <Value>(token: Token<Value>) => made.get(token) as Value;

const outbox = createOutbox({
  store: storage.outbox,
  shared: redis.jobQueue(),
  subscribers: (webhooksFeature.subscribers ?? []).map(({ deps, run, ...subscriber }) => ({
    ...subscriber,
    run: (events, context) => run(resolvePorts(deps, resolve), events, context),
  })),
  metrics: noMetrics,
  log,
});
await redis.answered;
outbox.start();
console.log('ready');
