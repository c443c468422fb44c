import { token } from '../kernel/token.ts';

/** One mail to one person. What it holds is text: the adapter makes plain text and HTML of it, and headers that cannot be broken out of. */
export type Mail = Readonly<{
  /** The same for the same mail, whenever it is sent again. */
  id: string;
  to: Readonly<{ address: string /** Shown beside the address. */; name?: string | undefined }>;
  subject: string;
  paragraphs: readonly string[];
  /** What the mail is for, where it is for one thing: `label` is what the link does. */
  link?: Readonly<{ label: string; url: string }> | undefined;
}>;

/** Hands mail to a mail server. At least once: a mail that is sent again by its id is dropped where this process knows that it was taken over. */
export interface Mailer {
  /** Whether there is a mail server. Without one `send` throws, so ask before anything is promised to a person. */
  readonly isAvailable: boolean;
  /**
   * Resolves when the mail server has taken the mail over, or has refused it for good, which is logged: nothing would come of trying again.
   * Throws `SERVICE_UNAVAILABLE` when the mail server cannot be talked to, and another error when it wants this mail later. Bounded in time.
   */
  send(mail: Mail): Promise<void>;
}
export const Mailer = token<Mailer>('Mailer');
