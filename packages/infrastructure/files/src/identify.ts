import { fileTypeFromBuffer } from 'file-type';

/** Enough for every signature, and for padding in front of markup. */
export const HEAD_BYTES = 65_536;

const BYTES = 'application/octet-stream';

/** Text that browsers would sniff as markup by its beginning (WHATWG MIME Sniffing, 7.1), applied more strictly. */
const MARKUP = /^\s*<[a-z!?/]/i;
const SVG = /<(?:[\w.-]+:)?svg[\s>/]/i;
const XML = /^\s*<\?xml/i;

/** The text of the beginning, if it is text; the last character may be cut in two. */
function textOf(head: Uint8Array): string | undefined {
  const encoding = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true });
    // eslint-disable-next-line no-control-regex
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

const markupType = (text: string): string | undefined =>
  !MARKUP.test(text) ? undefined : SVG.test(text) ? 'image/svg+xml' : XML.test(text) ? 'application/xml' : 'text/html';

/** Signatures of executables that the library does not know. */
function executableType(head: Uint8Array): string | undefined {
  const at = (index: number) => head[index] ?? -1;
  if (at(0) === 0x4c && at(1) === 0 && at(4) === 0x01 && at(5) === 0x14 && at(6) === 0x02) return 'application/x-ms-shortcut';
  return undefined;
}

/**
 * Detects the media type of content. Without a known signature it is text or bytes; text that begins like markup is markup.
 * Markup that is hidden further down is served only as an attachment, as text or bytes.
 */
export async function identify(head: Uint8Array): Promise<string> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (found !== undefined && !/[/+]xml$/.test(found.mime)) return found.mime;
  const text = textOf(head);
  if (text !== undefined) return markupType(text) ?? found?.mime ?? 'text/plain';
  return found?.mime ?? executableType(head) ?? BYTES;
}
