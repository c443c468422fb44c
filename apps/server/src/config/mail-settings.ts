import { isMailbox } from '@coucou/mail/address';
import { z } from 'zod';
import { httpBase, setting, url } from './setting.ts';

/** Nothing but where the server is and who signs in. */
const isBare = ({ hostname, pathname, search, hash }: URL): boolean =>
  hostname !== '' && (pathname === '' || pathname === '/') && search === '' && hash === '';

function readSender(value: string): Readonly<{ address: string; name: string | undefined }> {
  const [, name, address = value] = /^([^<]*)<([^>]*)>$/.exec(value) ?? [];
  return { address: address.trim(), name: name?.trim() || undefined };
}

/** Mail, and where its links lead. */
export const mailSettings = {
  SMTP_URL: setting({
    about: 'The mail server that mail is handed to. smtp:// changes to TLS where the server offers it, and must where a password is sent.',
    expects: 'an smtp:// or smtps:// URL without a path or query, with a % in its password written %25',
    example: 'smtps://user:password@smtp.example.com:465',
    otherwise: 'in development mail is kept at /dev/mailbox; elsewhere what needs mail answers MAIL_UNAVAILABLE',
    schema: url('smtp', 'smtps').refine((value) => isBare(new URL(value))),
    secret: true,
  }),
  MAIL_FROM: setting({
    about: 'The sender of mail.',
    expects: 'an address, or a name and an address in angle brackets',
    example: 'Coucou <no-reply@chat.example.com>',
    otherwise: 'no-reply at the host of PUBLIC_URL',
    schema: z
      .string()
      .trim()
      .regex(/^(?:[^<>"\p{Cc}]{0,64}<[^<>\s]+>|[^<>\s]+)$/u)
      .transform(readSender)
      .refine(({ address }) => isMailbox(address)),
  }),
  APP_URL: setting({
    about:
      "The client app's address, which links in mails lead to: /verify-email, /reset-password, /magic-link and /undo-email-change below it.",
    expects: 'an http or https address without a query',
    example: 'https://app.example.com',
    otherwise: "the server's own pages, below PUBLIC_URL",
    schema: httpBase,
  }),
} as const;
