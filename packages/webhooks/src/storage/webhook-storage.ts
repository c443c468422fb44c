import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { Deliveries, WebhookDirectory, Webhooks } from '../application/webhook-repository.ts';
import { createDeliveryRepository } from './delivery-repository.ts';
import { createWebhookDirectory } from './webhook-directory.ts';
import { createWebhookRepository } from './webhook-repository.ts';
import { webhookSchema } from './webhook-schema.ts';

export const webhookStorage: StorageParts = {
  repositories: [repository(Webhooks, createWebhookRepository), repository(Deliveries, createDeliveryRepository)],
  readers: [reader(WebhookDirectory, createWebhookDirectory)],
  schema: webhookSchema,
};
