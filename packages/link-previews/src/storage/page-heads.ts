import { Parser } from 'htmlparser2';
import type { PageHeads } from '../application/link-preview-repository.ts';

/** Of a value; what is shown of it is far shorter. */
const MOST_CHARACTERS = 4_000;
/** Elements within each other. The parser moves all that are open with each one that is opened or closed, so that a page of nothing else would take minutes. */
const DEEPEST = 100;

/** Reads `<title>` and `<meta>` of a page up to the end of its head. */
export const pageHeads: PageHeads = {
  read(html) {
    const head = new Map<string, string>();
    const note = (name: string | undefined, value: string | undefined) => {
      const key = name?.toLowerCase().trim();
      if (key !== undefined && key !== '' && value !== undefined && !head.has(key)) head.set(key, value.slice(0, MOST_CHARACTERS));
    };
    let title: string | undefined;
    let depth = 0;
    const parser = new Parser({
      onopentag(name, { property, name: named, content }) {
        depth += 1;
        if (name === 'body' || depth > DEEPEST) parser.pause();
        else if (name === 'title' && !head.has('title')) title = '';
        else if (name === 'meta') note(property ?? named, content);
      },
      ontext(text) {
        if (title !== undefined && title.length < MOST_CHARACTERS) title += text;
      },
      onclosetag(name) {
        depth -= 1;
        if (name === 'head') parser.pause();
        if (name !== 'title' || title === undefined) return;
        note('title', title);
        title = undefined;
      },
    });
    parser.write(html);
    return head;
  },
};
