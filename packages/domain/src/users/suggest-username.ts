import { limits } from '../kernel/limits.ts';
import { hasInvisible } from '../kernel/visible.ts';
import { User } from './user.ts';

const { min, max } = limits.username;
/** Between the name and what tells it from another's. */
const SEPARATOR = '-';

/**
 * A username for somebody who chose none, made of the first of these texts that has enough of one in it: letters, digits, and what may
 * stand between them. `suffix` tells it from names that are taken. An address is no source: others see the name.
 */
export function suggestUsername(sources: readonly (string | undefined)[], suffix?: string): string {
  const room = suffix === undefined ? max : max - SEPARATOR.length - suffix.length;
  const texts = sources.filter((source) => source !== undefined && !source.includes('@'));
  const base = texts.map((source) => namePart(source ?? '', room)).find(isName) ?? 'user';
  return suffix === undefined ? base : `${base}${SEPARATOR}${suffix}`;
}

/** The part of a text that a username may have. */
function namePart(source: string, room: number): string {
  const letters = [...source.normalize('NFC').replaceAll(/\s+/g, '.')].filter(
    (character) => /[\p{L}\p{N}._-]/u.test(character) && !hasInvisible(character),
  );
  return trimmed(trimmed(letters.join('')).slice(0, room).toWellFormed().replaceAll('\ufffd', ''));
}

/** What is between letters and digits is not at the ends. */
const trimmed = (name: string): string => name.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');

const isName = (name: string): boolean => name.length >= min && /[\p{L}\p{N}]/u.test(User.usernameKey(name));
