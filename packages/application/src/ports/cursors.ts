import type { AccountId, UserId } from '@coucou/domain/kernel/ids';

/** What a cursor is bound to: an account, a person and an operation. */
export type CursorHolder = Readonly<{ account: AccountId; person: UserId | undefined; operation: string }>;

/**
 * Cursors as they leave the server: encrypted and authenticated. A place in a list says more than its items do (the exact time of a row, how
 * far a search has looked), and a place that a client makes up would be read where the server expects its own.
 */
export interface Cursors {
  /** Answers text that is safe in a URL; sealing the same place twice answers two different texts. */
  seal(place: string, holder: CursorHolder): string;
  /** Throws `CURSOR_INVALID` for what was not sealed for this holder. */
  open(cursor: string, holder: CursorHolder): string;
}
