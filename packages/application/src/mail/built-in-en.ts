import type { MailTexts } from './mail-texts.ts';

export const english: MailTexts = {
  hint: 'If the button does not work, open this address:',
  verifyEmail: {
    subject: 'Confirm your e-mail address for {{site}}',
    paragraphs: [
      'This address was given for an account at {{site}}. Confirm that it is yours; the link is good for 24 hours, and you will be asked to sign in.',
      'If you did not sign up, ignore this mail: without your confirmation the address is not taken for yours.',
    ],
    label: 'Confirm the address',
  },
  changeEmail: {
    subject: 'Confirm your new e-mail address for {{site}}',
    paragraphs: [
      'This address is to become that of an account at {{site}}. Confirm it within 24 hours, signed in to the account; until then the account keeps its old one.',
      'If you did not ask for this, ignore this mail.',
    ],
    label: 'Confirm the new address',
  },
  undoEmailChange: {
    subject: 'The e-mail address of your account at {{site}} was changed',
    paragraphs: [
      'Your account at {{site}} has another e-mail address now, and mail about it no longer comes here.',
      'If you did this, there is nothing to do. If you did not, go back to this address within 7 days: it signs the account out everywhere and voids its password, and you then choose a new one.',
    ],
    label: 'Go back to this address',
  },
  resetPassword: {
    subject: 'Choose a new password for {{site}}',
    paragraphs: [
      'Somebody, hopefully you, asked for a new password for your account at {{site}}. The link is good for one hour and for one use.',
      'If you did not ask for this, ignore this mail: your password stays as it is.',
    ],
    label: 'Choose a new password',
  },
  magicLink: {
    subject: 'Sign in to {{site}}',
    paragraphs: [
      'This link signs you in to {{site}}. It is good for 10 minutes and for one use.',
      'If you did not ask for it, ignore this mail, and give the link to nobody.',
    ],
    label: 'Sign in',
  },
  passwordChanged: {
    subject: 'Your password for {{site}} was changed',
    paragraphs: [
      'The password of your account at {{site}} was changed just now, and the account was signed out on other devices.',
      'If you did not do this, choose a new password at once by "forgotten password".',
    ],
  },
  digest: {
    subject: '{{unread}} unread messages at {{site}}',
    paragraphs: [
      'Hello {{name}}, since you were here last, messages have come that you have not read: {{unread}}, in {{conversations}} of your conversations.',
    ],
    label: 'Read them',
    unsubscribe: 'No more mails of this kind',
  },
};
