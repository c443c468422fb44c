import { bind } from '@coucou/application/kernel/module';
import { listMessages } from '@coucou/application/messages/list-messages';
import { sendMessage } from '@coucou/application/messages/send-message';
import { listMessages as listContract } from '@coucou/contracts/messages/list-messages';
import { sendMessage as sendContract } from '@coucou/contracts/messages/send-message';
import { presentHistory, presentMessage } from '@coucou/infrastructure/wire/messages';
import type { Module } from '../compose.ts';

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
  ],
};
