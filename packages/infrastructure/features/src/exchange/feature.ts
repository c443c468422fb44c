import { announceImported, indexImported } from '@coucou/application/exchange/after-import';
import { AccountReader } from '@coucou/application/exchange/account-reader';
import { conversationImported, importedAdmitted, messagesImported } from '@coucou/application/exchange/exchange-events';
import { Imports } from '@coucou/application/exchange/repositories';
import { wired } from '@coucou/application/kernel/event';
import { conversationNew } from '@coucou/contracts/conversations/events';
import { createAccountReader } from '@coucou/postgres/exchange/account-reader';
import { createImportRepository } from '@coucou/postgres/exchange/import-repository';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { presentNew } from '../conversations/events.ts';
import { feature } from '../feature.ts';

/** Whole accounts that come from elsewhere, and go there. The commands are apps/server/src/admin/import.ts and export.ts. */
export const exchangeFeature = feature({
  name: 'exchange',
  events: [
    wired(messagesImported, {}, {}),
    wired(conversationImported, {}, {}),
    wired(importedAdmitted, { 'conversation:new': conversationNew }, { 'conversation:new': presentNew }),
  ],
  subscribers: [indexImported, announceImported],
  storage: {
    repositories: [repository(Imports, createImportRepository)],
    readers: [reader(AccountReader, createAccountReader)],
  },
});
