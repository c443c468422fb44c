import { bind, bindCached, bindSigned } from '@coucou/application/kernel/operation';
import { deleteMessage } from '@coucou/application/messages/delete-message';
import { editMessage } from '@coucou/application/messages/edit-message';
import { expireMessages } from '@coucou/application/messages/expire-messages';
import { forwardMessage } from '@coucou/application/messages/forward-message';
import { getMessage } from '@coucou/application/messages/get-message';
import { indexPosted, indexUpdated } from '@coucou/application/messages/index-messages';
import { listMessages } from '@coucou/application/messages/list-messages';
import { listPins } from '@coucou/application/messages/list-pins';
import { messageHistory } from '@coucou/application/messages/message-history';
import { MessageReader } from '@coucou/application/messages/message-reader';
import { MessageSearchReader } from '@coucou/application/messages/message-search-reader';
import { MessageIndex, Messages } from '@coucou/application/messages/repositories';
import { searchMessages } from '@coucou/application/messages/search-messages';
import { sendMessage } from '@coucou/application/messages/send-message';
import { deletePin, putPin } from '@coucou/application/messages/set-pin';
import { deleteReaction, putReaction } from '@coucou/application/messages/set-reaction';
import { PostingSnapshots } from '@coucou/application/ports/posting-snapshots';
import { deleteMessage as deleteContract } from '@coucou/contracts/messages/delete-message';
import { editMessage as editContract } from '@coucou/contracts/messages/edit-message';
import { forwardMessage as forwardContract } from '@coucou/contracts/messages/forward-message';
import { getMessage as getContract } from '@coucou/contracts/messages/get-message';
import { listMessages as listContract } from '@coucou/contracts/messages/list-messages';
import { messageHistory as historyContract } from '@coucou/contracts/messages/message-history';
import * as pins from '@coucou/contracts/messages/pins';
import * as reactions from '@coucou/contracts/messages/reactions';
import { searchMessages as searchContract } from '@coucou/contracts/messages/search-messages';
import { sendMessage as sendContract } from '@coucou/contracts/messages/send-message';
import { messageActions } from '@coucou/domain/messages/audit-actions';
import { messageErrors } from '@coucou/domain/messages/message';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createMessageReader } from '@coucou/postgres/messages/message-reader';
import { createMessageRepository } from '@coucou/postgres/messages/message-repository';
import { createMessageIndexRepository } from '@coucou/postgres/messages/message-index-repository';
import { createMessageSearchReader } from '@coucou/postgres/messages/message-search-reader';
import { createPostingSnapshots } from '@coucou/postgres/messages/posting-snapshots';
import { presentPage } from '../conversations/presenters.ts';
import { feature } from '../feature.ts';
import { messageEvents } from './events.ts';
import { messageSettings } from './settings.ts';
import { presentFormerContent, signedHistory, signedMessage } from './presenters.ts';
import { signedFoundPage } from './search-presenters.ts';

const nothing = () => {};

export const messagesFeature = feature({
  name: 'messages',
  operations: [
    bindSigned(
      sendContract,
      sendMessage,
      (sign) =>
        ({ message }) =>
          signedMessage(sign)(message),
      ({ duplicate }) => duplicate,
    ),
    bindCached(
      bindSigned(listContract, listMessages, signedHistory),
      { messages: MessageReader },
      ({ messages }, { conversationId, before, after, around }, { account, actor }) =>
        before === undefined && after === undefined && around === undefined
          ? messages.validateHistory(account, actor.userId, conversationId)
          : undefined,
    ),
    bindSigned(getContract, getMessage, signedMessage),
    bindSigned(editContract, editMessage, signedMessage),
    bind(deleteContract, deleteMessage, nothing),
    bind(historyContract, messageHistory, presentPage(presentFormerContent)),
    bind(reactions.putReaction, putReaction, nothing),
    bind(reactions.deleteReaction, deleteReaction, nothing),
    bind(pins.putPin, putPin, nothing),
    bind(pins.deletePin, deletePin, nothing),
    bindSigned(pins.listPins, listPins, (sign) => presentPage(signedMessage(sign))),
    bindSigned(forwardContract, forwardMessage, (sign) => ({ items }) => ({ items: items.map(signedMessage(sign)) })),
    bindSigned(searchContract, searchMessages, signedFoundPage),
  ],
  auditActions: [messageActions],
  errors: [messageErrors],
  settings: messageSettings,
  events: messageEvents,
  subscribers: [indexPosted, indexUpdated, expireMessages],
  storage: {
    repositories: [repository(Messages, createMessageRepository), repository(MessageIndex, createMessageIndexRepository)],
    readers: [
      reader(MessageReader, (pool, { reads }) => createMessageReader(pool, reads.synced)),
      // The index is committed asynchronously.
      reader(MessageSearchReader, (_pool, { reads }) => createMessageSearchReader(reads.all)),
      reader(PostingSnapshots, (pool) => createPostingSnapshots(pool)),
    ],
  },
});
