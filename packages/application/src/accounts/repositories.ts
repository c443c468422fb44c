import type { AccountRepository } from '@coucou/domain/accounts/account-repository';
import { token } from '../kernel/token.ts';

/** The account of the unit of work. */
export const OwnAccounts = token<AccountRepository>('OwnAccounts');
