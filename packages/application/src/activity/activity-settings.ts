import { token } from '../kernel/token.ts';

export type ActivitySettings = Readonly<{
  /** Days that the connection log keeps a connection after its end. */
  connectionDays: number;
  /** Days that the presence log keeps an entry. */
  presenceDays: number;
}>;
export const ActivitySettings = token<ActivitySettings>('ActivitySettings');
