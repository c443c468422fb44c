import { bind } from '@coucou/application/kernel/module';
import { deleteMessage } from '@coucou/application/messages/delete-message';
import { editMessage } from '@coucou/application/messages/edit-message';
import { forwardMessage } from '@coucou/application/messages/forward-message';
import { getMessage } from '@coucou/application/messages/get-message';
import { listMessages } from '@coucou/application/messages/list-messages';
import { listPins } from '@coucou/application/messages/list-pins';
import { messageHistory } from '@coucou/application/messages/message-history';
import { sendMessage } from '@coucou/application/messages/send-message';
import { deletePin, putPin } from '@coucou/application/messages/set-pin';
import { deleteReaction, putReaction } from '@coucou/application/messages/set-reaction';
import { deleteMessage as deleteContract } from '@coucou/contracts/messages/delete-message';
import { editMessage as editContract } from '@coucou/contracts/messages/edit-message';
import { forwardMessage as forwardContract } from '@coucou/contracts/messages/forward-message';
import { getMessage as getContract } from '@coucou/contracts/messages/get-message';
import { listMessages as listContract } from '@coucou/contracts/messages/list-messages';
import { messageHistory as historyContract } from '@coucou/contracts/messages/message-history';
import * as pins from '@coucou/contracts/messages/pins';
import * as reactions from '@coucou/contracts/messages/reactions';
import { sendMessage as sendContract } from '@coucou/contracts/messages/send-message';
import { presentPage } from '@coucou/features/conversations/presenters';
import { presentFormerContent, presentHistory, presentMessage } from '@coucou/features/messages/presenters';
import type { Module } from '../compose.ts';

const nothing = () => {};

export const messages: Module = {
  name: 'messages',
  operations: [
    bind(
      sendContract,
      sendMessage,
      ({ message }) => presentMessage(message),
      ({ duplicate }) => duplicate,
    ),
    bind(listContract, listMessages, presentHistory),
    bind(getContract, getMessage, presentMessage),
    bind(editContract, editMessage, presentMessage),
    bind(deleteContract, deleteMessage, nothing),
    bind(historyContract, messageHistory, presentPage(presentFormerContent)),
    bind(reactions.putReaction, putReaction, nothing),
    bind(reactions.deleteReaction, deleteReaction, nothing),
    bind(pins.putPin, putPin, nothing),
    bind(pins.deletePin, deletePin, nothing),
    bind(pins.listPins, listPins, presentPage(presentMessage)),
    bind(forwardContract, forwardMessage, ({ items }) => ({ items: items.map(presentMessage) })),
  ],
};
