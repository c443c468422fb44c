import { it } from 'vitest';
import { ids } from '../../../tests/support/fixtures.ts';
import { expectOneQuestion } from '../../../tests/support/unused.ts';
import { fanOut } from '../src/application/fan-out.ts';
import { createIntegrationDirectory } from '../src/storage/integration-directory.ts';

it('costs an account without integrations one question in five seconds, however many messages there are', () =>
  expectOneQuestion([fanOut], createIntegrationDirectory, (directory, account) => directory.tells(account, ids.next())));
