import type { MailTexts } from './mail-texts.ts';

export const french: MailTexts = {
  hint: 'Si le bouton ne fonctionne pas, ouvrez cette adresse :',
  verifyEmail: {
    subject: 'Confirmez votre adresse e-mail pour {{site}}',
    paragraphs: [
      'Cette adresse a été indiquée pour un compte sur {{site}}. Confirmez qu’elle est bien la vôtre ; le lien est valable 24 heures, et il vous sera demandé de vous connecter.',
      'Si vous ne vous êtes pas inscrit, ignorez cet e-mail : sans votre confirmation, cette adresse ne sera pas considérée comme la vôtre.',
    ],
    label: 'Confirmer l’adresse',
  },
  changeEmail: {
    subject: 'Confirmez votre nouvelle adresse e-mail pour {{site}}',
    paragraphs: [
      'Cette adresse doit devenir celle d’un compte sur {{site}}. Confirmez-la dans les 24 heures, en étant connecté à ce compte ; d’ici là, le compte garde son ancienne adresse.',
      'Si vous n’êtes pas à l’origine de cette demande, ignorez cet e-mail.',
    ],
    label: 'Confirmer la nouvelle adresse',
  },
  undoEmailChange: {
    subject: 'L’adresse e-mail de votre compte sur {{site}} a été modifiée',
    paragraphs: [
      'Votre compte sur {{site}} a désormais une autre adresse e-mail, et les messages à son sujet n’arrivent plus ici.',
      'Si c’est vous qui l’avez fait, vous n’avez rien à faire. Sinon, revenez à cette adresse dans les 7 jours : le compte sera déconnecté partout, son mot de passe ne sera plus valable, et vous en choisirez un nouveau.',
    ],
    label: 'Revenir à cette adresse',
  },
  resetPassword: {
    subject: 'Choisissez un nouveau mot de passe pour {{site}}',
    paragraphs: [
      'Quelqu’un, vous sans doute, a demandé un nouveau mot de passe pour votre compte sur {{site}}. Le lien est valable une heure et ne sert qu’une fois.',
      'Si vous n’avez rien demandé, ignorez cet e-mail : votre mot de passe reste inchangé.',
    ],
    label: 'Choisir un nouveau mot de passe',
  },
  magicLink: {
    subject: 'Connexion à {{site}}',
    paragraphs: [
      'Ce lien vous connecte à {{site}}. Il est valable 10 minutes et ne sert qu’une fois.',
      'Si vous ne l’avez pas demandé, ignorez cet e-mail et ne donnez ce lien à personne.',
    ],
    label: 'Se connecter',
  },
  passwordChanged: {
    subject: 'Votre mot de passe pour {{site}} a été modifié',
    paragraphs: [
      'Le mot de passe de votre compte sur {{site}} vient d’être modifié, et le compte a été déconnecté sur les autres appareils.',
      'Si ce n’est pas vous, choisissez tout de suite un nouveau mot de passe avec « mot de passe oublié ».',
    ],
  },
  digest: {
    subject: '{{unread}} messages non lus sur {{site}}',
    paragraphs: [
      'Bonjour {{name}}, depuis votre dernière visite, des messages sont arrivés que vous n’avez pas lus : {{unread}}, dans {{conversations}} de vos conversations.',
    ],
    label: 'Les lire',
    unsubscribe: 'Ne plus recevoir ces e-mails',
  },
};
