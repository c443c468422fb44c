/**
 * A mailbox as it goes over SMTP: the local part is an RFC 5321 dot-string (no quoted string, which parsers read in different ways), the domain is
 * ASCII. International domains come in their ASCII form (xn--…), so that one address has one spelling.
 */
const MAILBOX =
  /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)*[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;

/** RFC 5321, 4.5.3.1: octets of the local part, and of the whole path without its brackets. */
const LONGEST = { local: 64, whole: 254 };

export const isMailbox = (address: string): boolean =>
  address.length <= LONGEST.whole && address.lastIndexOf('@') <= LONGEST.local && MAILBOX.test(address);

/** What a name in a header keeps: letters with their marks, digits, and a few signs; nothing that quotes, encodes, hides or turns direction. */
const NOT_OF_A_NAME = /[^\p{L}\p{M}\p{N} .'’_-]/gu;
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const LONGEST_NAME = 64;

/** A display name as it may stand in a header; undefined when nothing of it may. */
export function headerName(name: string): string | undefined {
  const kept = name.normalize('NFC').replaceAll(/\s+/g, ' ').replaceAll(NOT_OF_A_NAME, '').replaceAll(INVISIBLE, '');
  const short = [...kept.replaceAll(/ +/g, ' ').trim()].slice(0, LONGEST_NAME).join('').trim();
  return /[\p{L}\p{N}]/u.test(short) ? short : undefined;
}

/** One line without controls or anything that cannot be seen. */
export const headerLine = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .replaceAll(INVISIBLE, '')
    .trim();
