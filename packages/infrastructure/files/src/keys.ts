import { randomUUID } from 'node:crypto';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import type { AccountId } from '@coucou/domain/kernel/ids';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const KEY = new RegExp(`^${UUID}/${UUID}$`);

export const newFileKey = (account: AccountId): FileKey => `${account}/${randomUUID()}` as FileKey;

export const isFileKey = (text: string): text is FileKey => KEY.test(text);

/** Validates keys before they become a path or an object name: two ids and a slash, nothing else. */
export function requireFileKey(key: FileKey): FileKey {
  if (!isFileKey(key)) throw new Error('not a key of the file store');
  return key;
}
