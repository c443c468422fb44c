import { it } from 'vitest';
import { expectOneQuestion } from '../../../tests/support/unused.ts';
import { fanOut } from '../src/application/fan-out.ts';
import { createWebhookDirectory } from '../src/storage/webhook-directory.ts';

it('costs an account without webhooks one question in five seconds, however many events there are', () =>
  expectOneQuestion(fanOut, createWebhookDirectory, (directory, account) => directory.has(account)));
