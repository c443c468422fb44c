import { it } from 'vitest';
import { expectOneQuestion } from '../../../tests/support/unused.ts';
import { findChangedLinks, findLinks } from '../src/application/preview-links.ts';
import { createPreviewingAccounts } from '../src/storage/link-preview-storage.ts';

it('costs an account without link previews one question in five seconds, however many messages there are', () =>
  expectOneQuestion([findLinks, findChangedLinks], createPreviewingAccounts, (accounts, account) => accounts.has(account), 'accounts'));
