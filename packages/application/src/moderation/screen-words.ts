import { messageErrors } from '@coucou/domain/messages/message';
import { WordList } from '@coucou/domain/moderation/word-list';
import { hook } from '../kernel/hook.ts';
import { messageStored } from '../messages/message-hooks.ts';
import { WordLists } from './word-lists.ts';

/** Applies the account's word list: masks or refuses. The refusal does not name the word. */
export const screenWords = hook({
  name: 'moderation.words',
  at: messageStored,
  deps: { lists: WordLists },
  async run({ lists }, message) {
    if (message.content === undefined) return message;
    const { action, content } = WordList.judge(await lists.of(message.accountId), message.content);
    if (action === 'reject') throw messageErrors.POSTING_NOT_ALLOWED({ reason: 'content' });
    return action === 'accept' ? message : { ...message, content };
  },
});
