import { wired } from '@coucou/application/kernel/event';
import { bind, bindSigned } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import { signedMessage } from '@coucou/features/messages/presenters';
import { closeDuePoll, closePoll } from './application/close-poll.ts';
import { createPoll } from './application/create-poll.ts';
import { getPoll, listVoters } from './application/get-poll.ts';
import { pollDue, pollPrepared } from './application/poll-events.ts';
import { removeDeleted, removeTrimmed, removeUnposted } from './application/remove-polls.ts';
import { votePoll } from './application/vote-poll.ts';
import * as contracts from './contracts/operations.ts';
import { Poll } from './contracts/poll.ts';
import { pollActions } from './domain/audit-actions.ts';
import { pollPermissions } from './domain/permissions.ts';
import { pollErrors } from './domain/poll.ts';
import { presentOwnPoll, presentVoters } from './presenters.ts';
import { pollStorage } from './storage/poll-storage.ts';

/** Polls in conversations. A poll is shown by its message, and every change of it is a change of that message. */
export const pollsFeature = feature({
  name: 'polls',
  operations: [
    bindSigned(
      contracts.createPoll,
      createPoll,
      (sign) =>
        ({ message }) =>
          signedMessage(sign)(message),
      ({ duplicate }) => duplicate,
    ),
    bind(contracts.votePoll, votePoll, presentOwnPoll),
    bind(contracts.closePoll, closePoll, presentOwnPoll),
    bind(contracts.getPoll, getPoll, presentOwnPoll),
    bind(contracts.listVoters, listVoters, presentVoters),
  ],
  auditActions: [pollActions],
  errors: [pollErrors],
  permissions: pollPermissions,
  events: [wired(pollDue, {}, {}), wired(pollPrepared, {}, {})],
  messageParts: { poll: Poll },
  subscribers: [closeDuePoll, removeDeleted, removeTrimmed, removeUnposted],
  storage: pollStorage,
});
