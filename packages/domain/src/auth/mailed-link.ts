import { defineErrors } from '../kernel/errors.ts';
import type { ClaimPurpose } from './claim-repository.ts';

export const mailErrors = defineErrors('', {
  MAIL_UNAVAILABLE: ['unavailable', 'This server sends no mail; its operator sets SMTP_URL.'],
  LINK_INVALID: [
    'invalid',
    'This link is not valid any more: it was used, it has expired, or it is for something that has changed. Ask for a new one.',
  ],
  REAUTHENTICATION_REQUIRED: [
    'forbidden',
    'Prove that it is you, `by` what this says: send your password as well, or sign in again and repeat this within ten minutes.',
  ],
});

/** What a link in a mail is for, and how long it is good for (seconds). */
export const mailedLinks = {
  verifyEmail: { purpose: 'email-verification', seconds: 86_400 },
  changeEmail: { purpose: 'email-change', seconds: 86_400 },
  undoEmailChange: { purpose: 'email-undo', seconds: 7 * 86_400 },
  resetPassword: { purpose: 'password-reset', seconds: 3_600 },
  /** Ten minutes at most, since it signs in (OWASP ASVS 5.0, 6.5.5). */
  magicLink: { purpose: 'magic-link', seconds: 600 },
} as const satisfies Readonly<Record<string, Readonly<{ purpose: ClaimPurpose; seconds: number }>>>;

export type MailedLink = keyof typeof mailedLinks;
