import type { Instant } from '../kernel/ids.ts';
import type { MailSuppression, MailSuppressionId } from './mail-suppression.ts';

/** One for each address, by the form in which addresses are compared (`User.emailKey`). */
export interface MailSuppressionRepository {
  lookup(address: string): Promise<MailSuppression | undefined>;
  put(suppression: MailSuppression): Promise<void>;
  /** Whether it was there. */
  remove(id: MailSuppressionId): Promise<boolean>;
  /** Removes at most `limit` that have expired; answers how many. */
  forgetExpired(now: Instant, limit: number): Promise<number>;
}
