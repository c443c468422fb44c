import type { MailedLink } from '@coucou/domain/auth/mailed-link';
import { token } from '../kernel/token.ts';

/** Where links in mails lead, never taken from a request. */
export type LinkSite = Readonly<{
  /** Host and port, by which mails name the service. */
  name: string;
  /** The token stands in the fragment, which is sent to no server and no page that is opened from there. */
  urlOf(link: MailedLink, token: string): string;
  /** Where the client app begins, or the server's own page. */
  home: string;
}>;

export interface MailLinks {
  /** The client app of the account, else that of the server, else the server's own pages. */
  site(appUrl: string | undefined): LinkSite;
  /** Always at this server: `page` asks a person first, `oneClick` is for mail programs, which post to it. */
  unsubscribe(token: string): Readonly<{ page: string; oneClick: string }>;
}
export const MailLinks = token<MailLinks>('MailLinks');
