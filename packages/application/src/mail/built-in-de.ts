import type { MailTexts } from './mail-texts.ts';

export const german: MailTexts = {
  hint: 'Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse:',
  verifyEmail: {
    subject: 'Bestätigen Sie Ihre E-Mail-Adresse für {{site}}',
    paragraphs: [
      'Diese Adresse wurde für ein Konto bei {{site}} angegeben. Bestätigen Sie, dass es Ihre ist. Der Link gilt 24 Stunden, und Sie werden gebeten, sich anzumelden.',
      'Wenn Sie sich nicht registriert haben, ignorieren Sie diese E-Mail: Ohne Ihre Bestätigung gilt die Adresse nicht als Ihre.',
    ],
    label: 'Adresse bestätigen',
  },
  changeEmail: {
    subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse für {{site}}',
    paragraphs: [
      'Diese Adresse soll die eines Kontos bei {{site}} werden. Bestätigen Sie sie innerhalb von 24 Stunden, während Sie im Konto angemeldet sind. Bis dahin behält das Konto seine bisherige Adresse.',
      'Wenn Sie das nicht veranlasst haben, ignorieren Sie diese E-Mail.',
    ],
    label: 'Neue Adresse bestätigen',
  },
  undoEmailChange: {
    subject: 'Die E-Mail-Adresse Ihres Kontos bei {{site}} wurde geändert',
    paragraphs: [
      'Ihr Konto bei {{site}} hat jetzt eine andere E-Mail-Adresse. E-Mails zu diesem Konto kommen nicht mehr hier an.',
      'Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, kehren Sie innerhalb von 7 Tagen zu dieser Adresse zurück: Das Konto wird dann überall abgemeldet, sein Passwort wird ungültig, und Sie wählen ein neues.',
    ],
    label: 'Zu dieser Adresse zurückkehren',
  },
  resetPassword: {
    subject: 'Wählen Sie ein neues Passwort für {{site}}',
    paragraphs: [
      'Jemand, hoffentlich Sie, hat ein neues Passwort für Ihr Konto bei {{site}} angefordert. Der Link gilt eine Stunde und nur einmal.',
      'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.',
    ],
    label: 'Neues Passwort wählen',
  },
  magicLink: {
    subject: 'Anmeldung bei {{site}}',
    paragraphs: [
      'Dieser Link meldet Sie bei {{site}} an. Er gilt 10 Minuten und nur einmal.',
      'Wenn Sie ihn nicht angefordert haben, ignorieren Sie diese E-Mail und geben Sie den Link an niemanden weiter.',
    ],
    label: 'Anmelden',
  },
  passwordChanged: {
    subject: 'Ihr Passwort für {{site}} wurde geändert',
    paragraphs: [
      'Das Passwort Ihres Kontos bei {{site}} wurde gerade geändert, und das Konto wurde auf anderen Geräten abgemeldet.',
      'Wenn Sie das nicht waren, wählen Sie sofort über „Passwort vergessen“ ein neues Passwort.',
    ],
  },
  digest: {
    subject: '{{unread}} ungelesene Nachrichten bei {{site}}',
    paragraphs: [
      'Hallo {{name}}, seit Ihrem letzten Besuch sind Nachrichten gekommen, die Sie nicht gelesen haben: {{unread}}, in {{conversations}} Ihrer Unterhaltungen.',
    ],
    label: 'Jetzt lesen',
    unsubscribe: 'Keine solchen E-Mails mehr',
  },
};
