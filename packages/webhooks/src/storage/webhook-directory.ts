import { createAccountFlag } from '@coucou/postgres/kit/known-of-accounts';
import type { SessionPool } from '@coucou/postgres/kit/session';
import type { WebhookDirectory } from '../application/webhook-repository.ts';

const HAS = 'select exists (select from webhook where disabled_at is null and deleted_at is null) as has';

export const createWebhookDirectory = (pool: SessionPool): WebhookDirectory => createAccountFlag(pool, HAS, 'webhooks-has');
