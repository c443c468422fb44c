import { it } from 'vitest';
import { expectOneQuestion } from '../../../tests/support/unused.ts';
import { fanOut } from '../src/application/fan-out.ts';
import { createPushDirectory } from '../src/storage/push-storage.ts';

it('costs an account without push subscriptions one question in five seconds, however many messages there are', () =>
  expectOneQuestion(fanOut, createPushDirectory, (directory, account) => directory.has(account)));
