import { it } from 'vitest';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Subscriber } from '@coucou/application/kernel/subscriber';
import { expectOneQuestion } from '../../../tests/support/unused.ts';
import { askBeforeSend } from '../src/application/ask-before-send.ts';
import { readVerdict } from '../src/presenters.ts';
import { createHookDirectory } from '../src/storage/hook-repository.ts';

/** The hook instead of a subscriber: it is run for each message. */
const asSubscriber: Subscriber = {
  run: (ports: never, [{ account }]: [{ account: AccountId }]) =>
    askBeforeSend(readVerdict).run(ports, { accountId: account }, {} as never),
} as never;

it('costs an account without a hook one question in five seconds, however many messages there are', () =>
  expectOneQuestion([asSubscriber], createHookDirectory, async (directory, account) => (await directory.of(account)) !== undefined));
