import { wired } from '@coucou/application/kernel/event';
import { bind } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import { deliverDue } from './application/deliver.ts';
import { fanOut } from './application/fan-out.ts';
import { pushDue } from './application/push-events.ts';
import * as subscriptions from './application/subscriptions.ts';
import { keepPushes } from './application/upkeep.ts';
import { sendDigests } from './application/send-digests.ts';
import { unsubscribeFromMail } from './application/unsubscribe-mail.ts';
import * as contracts from './contracts/operations.ts';
import { unsubscribeFromMail as unsubscribeContract } from './contracts/unsubscribe.ts';
import { pushErrors } from './domain/subscription.ts';
import * as presenters from './presenters.ts';
import { pushStorage } from './storage/push-storage.ts';

/** Push and digests: what somebody has not read, on the devices where they are not, and by mail. */
export const pushFeature = feature({
  name: 'push',
  operations: [
    bind(contracts.pushServices, subscriptions.listPushServices, presenters.presentServices),
    bind(contracts.subscribe, subscriptions.subscribe, presenters.presentSubscription),
    bind(contracts.listSubscriptions, subscriptions.listSubscriptions, presenters.presentSubscriptions),
    bind(contracts.unsubscribe, subscriptions.unsubscribe, () => {}),
    bind(unsubscribeContract, unsubscribeFromMail, () => {}),
  ],
  errors: [pushErrors],
  events: [wired(pushDue, {}, {})],
  subscribers: [...fanOut, deliverDue],
  jobs: [keepPushes, sendDigests],
  storage: pushStorage,
});
