import { Marked } from 'marked';
import { escaped } from './html.ts';

export type Heading = Readonly<{ level: number; text: string; anchor: string }>;
export type Rendered = Readonly<{ markup: string; headings: readonly Heading[] }>;

/** Where a link of a text leads on this server; undefined where it leads nowhere, and stays plain text. */
export type LinkTarget = (href: string) => string | undefined;

/** Anchors as GitHub makes them, so that links within a text work in both places. */
export const anchorOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const textOf = (markup: string): string =>
  markup.replaceAll(/<[^>]*>/g, '').replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);

/** Markdown as markup: headings have anchors, code blocks can be copied, and raw HTML is shown rather than obeyed. */
export function renderMarkdown(text: string, target: LinkTarget): Rendered {
  const headings: Heading[] = [];
  const taken = new Map<string, number>();
  const unique = (anchor: string): string => {
    const uses = taken.get(anchor) ?? 0;
    taken.set(anchor, uses + 1);
    return uses === 0 ? anchor : `${anchor}-${uses}`;
  };
  const marked = new Marked({
    renderer: {
      html: ({ text: raw }) => escaped(raw),
      // A list of links within the text: the page has its contents at the side.
      list: ({ items }) => (items.every(({ text: item }) => /^(?:\[[^\]]*\]\(#[^)]*\)[\s·]*)+$/.test(item)) ? '' : false),
      image: ({ text: alternative }) => escaped(alternative),
      code: ({ text: source }) => `<pre class="copy"><code>${escaped(source)}</code></pre>\n`,
      heading({ tokens, depth }) {
        const inner = this.parser.parseInline(tokens);
        const title = textOf(inner);
        const anchor = unique(anchorOf(title));
        headings.push({ level: depth, text: title, anchor });
        const link = depth === 1 ? '' : `<a class="anchor" href="#${escaped(anchor)}" aria-label="Link to this section">#</a>`;
        return `<h${depth} id="${escaped(anchor)}">${inner}${link}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const to = target(href);
        return to === undefined ? inner : `<a href="${escaped(to)}">${inner}</a>`;
      },
      table({ header, rows }) {
        const cells = (row: typeof header, tag: 'td' | 'th') =>
          row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('');
        const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
        return `<div class="table"><table><thead><tr>${cells(header, 'th')}</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return { markup: marked.parse(text, { async: false }), headings };
}
