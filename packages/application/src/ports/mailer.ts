import { token } from '../kernel/token.ts';

/** One mail to one person. The adapter makes headers of it that cannot be broken out of. */
export type Mail = Readonly<{
  /** The same for the same mail, whenever it is sent again; the Message-ID is made of it. */
  id: string;
  to: Readonly<{ address: string /** Shown beside the address. */; name?: string | undefined }>;
  subject: string;
  text: string;
  html: string;
  /** The link that it is sent for, where there is one; both texts hold it. */
  link?: string | undefined;
  /** Where one POST has no more mails of this kind sent (RFC 8058): for mails that nobody asked for one by one. */
  unsubscribeUrl?: string | undefined;
}>;

/**
 * `taken`: the mail server has it. `refused`: it never will; `bounce` says what that tells of the address, `hard` that there is no such
 * mailbox, `soft` that it takes nothing now, and absent where it is about the sender or the content.
 */
export type Delivery = Readonly<{ is: 'taken' }> | Readonly<{ is: 'refused'; bounce?: 'hard' | 'soft' }>;

/** Hands mail to a mail server. At least once: a mail that is sent again by its id is dropped where this process knows that it was taken over. */
export interface Mailer {
  /** Whether there is a mail server. Without one `send` throws, so ask before anything is promised to a person. */
  readonly isAvailable: boolean;
  /**
   * Resolves when the mail server has taken the mail over, or has refused it for good, which is logged: nothing would come of trying again.
   * Throws `SERVICE_UNAVAILABLE` when the mail server cannot be talked to, and another error when it wants this mail later. Bounded in time.
   */
  send(mail: Mail): Promise<Delivery>;
}
export const Mailer = token<Mailer>('Mailer');
