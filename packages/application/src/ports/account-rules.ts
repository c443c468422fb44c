import type { AccountId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';
import type { TrafficRules } from './traffic-rules.ts';

/** The limits that hold in an account: the server's own, with what the operator granted the account in their place. */
export interface AccountRules {
  /** In memory, since every call asks; as other nodes changed it up to two seconds ago. */
  of(account: AccountId): TrafficRules;
}
export const AccountRules = token<AccountRules>('AccountRules');
