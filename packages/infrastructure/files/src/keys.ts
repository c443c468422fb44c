import { randomUUID } from 'node:crypto';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import type { AccountId } from '@coucou/domain/kernel/ids';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const KEY = new RegExp(`^${UUID}/${UUID}$`);
const STORED = new RegExp(`^${UUID}/(archive-)?${UUID}$`);

export const newFileKey = (account: AccountId, purpose?: 'archive'): FileKey =>
  `${account}/${purpose === undefined ? '' : `${purpose}-`}${randomUUID()}` as FileKey;

/** Of an upload: archives are not among them, so that who reconciles uploads never comes upon one. */
export const isFileKey = (text: string): text is FileKey => KEY.test(text);

/** Of anything that is stored. */
export const isStoredKey = (text: string): text is FileKey => STORED.test(text);

/** Validates keys before they become a path or an object name: two ids, a slash, and whether it is an archive, nothing else. */
export function requireFileKey(key: FileKey): FileKey {
  if (!isStoredKey(key)) throw new Error('not a key of the file store');
  return key;
}
