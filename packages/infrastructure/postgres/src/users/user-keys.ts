import { gramsOf, type SearchTerms } from '@coucou/domain/messages/search-terms';
import { User } from '@coucou/domain/users/user';
import { lexeme } from '../kit/lexeme.ts';

type Names = Readonly<{ accountId: string; username: string; displayName: string }>;

/** Among the grams of a name, so that the index tells accounts apart; no gram is as long. */
const accountMark = (account: string): string => `a${account.replaceAll('-', '')}`;

/** What somebody is found by, from their names; written again when the folding changes (schema/refold.ts). */
export function nameKeys({ accountId, username, displayName }: Names) {
  const keys = { username_key: User.usernameKey(username), display_name_key: User.searchKey(displayName) };
  const grams = gramsOf(`${keys.username_key} ${keys.display_name_key}`);
  return { ...keys, name_grams: [accountMark(accountId), ...grams].map(lexeme).join(' ') };
}

/** The tsquery for names that hold all of these grams; null where there is nothing to look for. */
export const namesWith = (account: string, { grams }: SearchTerms): string | null =>
  grams.length === 0 ? null : [accountMark(account), ...grams].map(lexeme).join(' & ');
