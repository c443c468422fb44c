/**
 * Blocks as statements ask for them, through the function `blocked_with`. The arguments are SQL: parameters, or columns with their alias.
 */

/** Everybody across a block from `person`; where that is a parameter, a statement reads them once. */
export const blockedWith = (person: string): string => `(select b.user_id from blocked_with(${person}) b)`;

/** Whether one of the two blocked the other: two lookups by key. */
export const blockBetween = (a: string, b: string): string => `exists (select from blocked_with(${a}) b where b.user_id = ${b})`;

/** The present members of a conversation across a block from `person`: an array. */
export const blockedMembers = (person: string, account: string, conversation: string): string => `array(
    select o.user_id::text from blocked_with(${person}) b
    join member o on o.account_id = ${account} and o.conversation_id = ${conversation} and o.user_id = b.user_id and o.left_at is null)`;
