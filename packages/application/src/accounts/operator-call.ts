import type { AccountId } from '@coucou/domain/kernel/ids';
import type { AdminCall } from '../kernel/call.ts';

/** What the operator does at the machine itself: at a start, or from the command line. */
export const operatorCall = (account: AccountId): AdminCall => ({
  requestId: 'operator',
  account,
  client: { ip: '', userAgent: '' },
  program: { by: 'operator' },
  authority: { by: 'operator' },
});
