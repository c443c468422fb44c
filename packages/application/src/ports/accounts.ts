import type { AccountId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** Finds the account that an unauthenticated call names; cached, since every such call asks. */
export interface AccountDirectory {
  byClientKey(clientKey: string): Promise<AccountId | undefined>;
}
export const AccountDirectory = token<AccountDirectory>('AccountDirectory');
