import type { AccountId } from '@coucou/domain/kernel/ids';
import type { ModerationRule } from '@coucou/domain/moderation/moderation-rule';
import type { WordList } from '@coucou/domain/moderation/word-list';
import { token } from '../kernel/token.ts';

/** What an account has its messages and reports looked at by: the words that it lists, and the rules that are enabled. */
export type Screening = Readonly<{ words: WordList; rules: readonly ModerationRule[] }>;

/** Those of each account, cached: a change takes effect within a few seconds, and a message costs no query. */
export interface Screenings {
  of(account: AccountId): Promise<Screening>;
}
export const Screenings = token<Screenings>('Screenings');
