import { bind, bindFile } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import * as retention from './application/administer-retention.ts';
import * as archives from './application/open-archives.ts';
import { previewRetention } from './application/preview-retention.ts';
import { trimMessages } from './application/trim-job.ts';
import * as contracts from './contracts/operations.ts';
import { retentionActions } from './domain/audit-actions.ts';
import { retentionErrors } from './domain/retention.ts';
import { presentArchives, presentConversationRetention, presentFigures, presentRetention } from './presenters.ts';
import { retentionStorage } from './storage/retention-storage.ts';

const nothing = () => {};

/** How long messages are kept, and what becomes of those that are not. */
export const retentionFeature = feature({
  name: 'retention',
  operations: [
    bind(contracts.getRetention, retention.getRetention, presentRetention),
    bind(contracts.putRetention, retention.putRetention, presentRetention),
    bind(contracts.deleteRetention, retention.deleteRetention, nothing),
    bind(contracts.getConversationRetention, retention.getConversationRetention, presentConversationRetention),
    bind(contracts.putConversationRetention, retention.putConversationRetention, presentConversationRetention),
    bind(contracts.deleteConversationRetention, retention.deleteConversationRetention, nothing),
    bind(contracts.holdAccount, retention.holdAccount, presentRetention),
    bind(contracts.releaseAccount, retention.releaseAccount, nothing),
    bind(contracts.holdConversation, retention.holdConversation, presentConversationRetention),
    bind(contracts.releaseConversation, retention.releaseConversation, nothing),
    bind(contracts.previewRetention, previewRetention, presentFigures),
    bind(contracts.listArchives, archives.listArchives, presentArchives),
    bindFile(contracts.downloadArchive, archives.downloadArchive),
    bind(contracts.deleteArchive, archives.deleteArchive, nothing),
  ],
  auditActions: [retentionActions],
  errors: [retentionErrors],
  jobs: [trimMessages],
  storage: retentionStorage,
});
