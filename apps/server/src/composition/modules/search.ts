import { bind } from '@coucou/application/kernel/module';
import { indexPosted, indexUpdated } from '@coucou/application/messages/index-messages';
import { searchMessages } from '@coucou/application/messages/search-messages';
import { searchMessages as searchContract } from '@coucou/contracts/messages/search-messages';
import { presentFoundPage } from '@coucou/features/messages/search-presenters';
import type { Module } from '../compose.ts';

export const search: Module = {
  name: 'search',
  operations: [bind(searchContract, searchMessages, presentFoundPage)],
  subscribers: [indexPosted, indexUpdated],
};
