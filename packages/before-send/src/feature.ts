import { bind } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import * as administration from './application/administer-hook.ts';
import { askBeforeSend } from './application/ask-before-send.ts';
import { testHook } from './application/test-hook.ts';
import * as contracts from './contracts/operations.ts';
import { beforeSendActions } from './domain/audit-actions.ts';
import { beforeSendErrors } from './domain/before-send-hook.ts';
import * as presenters from './presenters.ts';
import { beforeSendStorage } from './storage/before-send-storage.ts';

/** The before-send hook: a service of the account accepts, changes or refuses each message before it is stored. */
export const beforeSendFeature = feature({
  name: 'beforeSend',
  operations: [
    bind(contracts.getBeforeSendHook, administration.getHook, presenters.presentOwn),
    bind(contracts.createBeforeSendHook, administration.createHook, presenters.presentIssued),
    bind(contracts.updateBeforeSendHook, administration.updateHook, presenters.presentHook),
    bind(contracts.deleteBeforeSendHook, administration.deleteHook, () => {}),
    bind(contracts.rotateBeforeSendHookSecret, administration.rotateHookSecret, presenters.presentIssued),
    bind(contracts.testBeforeSendHook, testHook(presenters.readVerdict), presenters.presentTested),
  ],
  auditActions: [beforeSendActions],
  errors: [beforeSendErrors],
  hooks: [askBeforeSend(presenters.readVerdict)],
  storage: beforeSendStorage,
});
