import type { Clock } from '@coucou/application/ports/clock';
import type { Mail, Mailer } from '@coucou/application/ports/mailer';
import { headerLine, isMailbox } from './address.ts';
import { createTaken } from './taken.ts';

export type CapturedMail = Pick<Mail, 'subject' | 'text' | 'html'> &
  Readonly<{ id: string; at: Date; to: string; link: string | undefined }>;

export type Mailbox = Mailer & Readonly<{ /** Newest first. */ list(): readonly CapturedMail[] }>;

/** Keeps the newest mails in this process instead of sending them: for development, where `/dev/mailbox` shows them. */
export function createMailbox({ clock, most = 100 }: Readonly<{ clock: Clock; most?: number }>): Mailbox {
  const mails: CapturedMail[] = [];
  const taken = createTaken();
  return {
    isAvailable: true,
    async send(mail) {
      if (taken.has(mail.id)) return { is: 'taken' };
      if (!isMailbox(mail.to.address)) return { is: 'refused' };
      taken.add(mail.id);
      mails.unshift({
        id: mail.id,
        at: clock.now(),
        to: mail.to.address,
        link: mail.link,
        subject: headerLine(mail.subject),
        text: mail.text,
        html: mail.html,
      });
      mails.length = Math.min(mails.length, most);
      return { is: 'taken' };
    },
    list: () => [...mails],
  };
}
