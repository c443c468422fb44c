import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { linkPreviewLimits as limits } from './limits.ts';

/** What a page says about itself. */
export type LinkPreview = Readonly<{
  url: string;
  title: string;
  description?: string | undefined;
  siteName?: string | undefined;
  /** Where the page has a picture of itself: an https address, which clients load from there. */
  imageUrl?: string | undefined;
}>;

/** What a page was last seen to say. `preview`: undefined where it said nothing, or could not be read. */
export type KnownPage = Readonly<{ accountId: AccountId; url: string; preview: LinkPreview | undefined; fetchedAt: Instant }>;

/** What the head of a page holds, by name: `og:title`, `description`, `title`. The first of each name counts. */
export type PageHead = ReadonlyMap<string, string>;

/** A link ends at white space, quotes and angle brackets; what stands in angle brackets as a whole wants no preview. */
const LINK = /(<?)\bhttps?:\/\/[^\s<>"'`]+(>?)/gi;
const closing: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

const countOf = (text: string, character: string): number => text.split(character).length - 1;

/** Without the punctuation of the sentence around it; a bracket stays where the link opens it. */
function withoutPunctuation(link: string): string {
  // Counted once, since a link of brackets alone would be counted again for each of them.
  const unopened = new Map(Object.entries(closing).map(([last, opening]) => [last, countOf(link, last) - countOf(link, opening)]));
  let end = link.length;
  for (; end > 0; end -= 1) {
    const last = link[end - 1] ?? '';
    const spare = unopened.get(last) ?? 0;
    if (spare > 0) unopened.set(last, spare - 1);
    else if (!/[.,:;!?*_~|…]/.test(last)) break;
  }
  return link.slice(0, end);
}

/** The links of a text that a preview is wanted of, each once and without its fragment, in their order. */
export function linksOf(content: string): readonly string[] {
  const found = new Set<string>();
  for (const [whole, before, after] of content.matchAll(LINK)) {
    if (before === '<' && after === '>') continue;
    const url = URL.parse(withoutPunctuation(whole.replace(/^<|>$/g, '')));
    if (url === null || url.username !== '' || url.password !== '' || !url.hostname.includes('.')) continue;
    url.hash = '';
    if (url.href.length <= limits.url) found.add(url.href);
    if (found.size === limits.perMessage) break;
  }
  return [...found];
}

/** One line of at most so many code points; PostgreSQL stores neither NUL nor half a surrogate pair. */
function clipped(text: string | undefined, most: number): string | undefined {
  const line = text?.replaceAll('\u0000', '').toWellFormed().replaceAll(/\s+/g, ' ').trim();
  if (line === undefined || line === '') return undefined;
  const points = [...line];
  return points.length <= most ? line : `${points.slice(0, most - 1).join('')}…`;
}

function imageOf(address: string | undefined, url: string): string | undefined {
  const image = address === undefined ? null : URL.parse(address, url);
  return image?.protocol === 'https:' && image.href.length <= limits.url ? image.href : undefined;
}

/** Undefined for a page without a title. */
export function previewOf(url: string, head: PageHead): LinkPreview | undefined {
  const first = (...names: readonly string[]) =>
    names.map((name) => head.get(name)).find((text) => text !== undefined && text.trim() !== '');
  const title = clipped(first('og:title', 'twitter:title', 'title'), limits.title);
  if (title === undefined) return undefined;
  const described = {
    description: clipped(first('og:description', 'twitter:description', 'description'), limits.description),
    siteName: clipped(first('og:site_name'), limits.siteName),
    imageUrl: imageOf(first('og:image:secure_url', 'og:image', 'twitter:image'), url),
  };
  const known = Object.entries(described).filter(([, value]) => value !== undefined);
  return { url, title, ...Object.fromEntries(known) };
}
