import type { LinkSite, MailLinks } from '@coucou/application/ports/mail-links';
import type { MailedLink } from '@coucou/domain/auth/mailed-link';

/** Paths below the client app's address, and below `/links` of the server. Both ways of confirming an address are one page. */
export const linkPaths: Readonly<Record<MailedLink, string>> = {
  verifyEmail: 'verify-email',
  changeEmail: 'verify-email',
  undoEmailChange: 'undo-email-change',
  resetPassword: 'reset-password',
  magicLink: 'magic-link',
};

export type MailLinksOptions = Readonly<{
  /** The client app of the server; accounts may have their own. */
  appUrl: string | undefined;
  /** The server's own address, asked when a mail is written. */
  ownUrl: () => string;
}>;

function siteAt(base: string, home: string): LinkSite {
  const start = base.replace(/\/+$/, '');
  return {
    name: new URL(base).host,
    home,
    urlOf: (link, token) => `${start}/${linkPaths[link]}#token=${token}`,
  };
}

export const createMailLinks = ({ appUrl, ownUrl }: MailLinksOptions): MailLinks => ({
  site(accountAppUrl) {
    const app = accountAppUrl ?? appUrl;
    return siteAt(app ?? `${ownUrl()}/links`, app ?? ownUrl());
  },
  unsubscribe: (token) => ({
    page: `${ownUrl()}/links/unsubscribe#token=${token}`,
    oneClick: `${ownUrl()}/api/v1/notifications/unsubscribe/${token}`,
  }),
});
