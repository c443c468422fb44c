import type { LinkSite, MailLinks } from '../ports/mail-links.ts';

export type DigestCounts = Readonly<{ unread: number; conversations: number }>;

/** In place of what nobody counted. */
export const SAMPLE_COUNTS: DigestCounts = { unread: 3, conversations: 2 };

/** What a digest says besides what every mail does. */
export const digestValues = (links: MailLinks, site: LinkSite, token: string, { unread, conversations }: DigestCounts) => ({
  link: site.home,
  unsubscribe: links.unsubscribe(token).page,
  unread: String(unread),
  conversations: String(conversations),
});
