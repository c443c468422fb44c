import type { AccountId } from '@coucou/domain/kernel/ids';
import type { WordList } from '@coucou/domain/moderation/word-list';
import { token } from '../kernel/token.ts';

/** The word lists of accounts, cached: a change takes effect within a few seconds. */
export interface WordLists {
  of(account: AccountId): Promise<WordList>;
}
export const WordLists = token<WordLists>('WordLists');
