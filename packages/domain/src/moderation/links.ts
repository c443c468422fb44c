import { fold } from '../kernel/folding.ts';

/** The authority of an address ends where browsers end it, which take a backslash for a slash. */
const LINK = /(?:https?:\/\/|\bwww\.)[^\s/\\?#<>"']*/gu;

/** Without these characters at its end: an expression would begin anew at each of them, and take long for a text of nothing else. */
function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** The host of what `LINK` found: without user, port and a final dot. */
function hostOf(link: string): string {
  const authority = link.replace(/^https?:\/\//u, '');
  return withoutEnd(authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/u, ''), '.,;:!)]');
}

/** The form in which hosts are compared. */
const hostKey = (host: string): string => withoutEnd(fold(host).text, '.');

/**
 * How many addresses a text holds, but for those of `allowed` hosts (as `hostKey`) and what is under them. An address has a scheme or
 * begins with `www.`; case, width and invisible characters make no difference.
 */
function count(content: string, allowed: readonly string[]): number {
  let links = 0;
  for (const [link] of fold(content).text.matchAll(LINK)) {
    const host = hostOf(link);
    if (host !== '' && !allowed.some((each) => host === each || host.endsWith(`.${each}`))) links += 1;
  }
  return links;
}

export const Links = { count, hostKey };
