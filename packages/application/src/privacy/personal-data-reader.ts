import type { FileKey } from '@coucou/domain/attachments/attachment';
import type { AccountId, AttachmentId, Instant, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** One row as it is exported: plain JSON, times as text. */
export type ExportedRow = Readonly<Record<string, unknown>>;

/** Where a page ended; opaque. */
export type ExportPlace = readonly string[];

export type ExportedPage = Readonly<{ rows: readonly ExportedRow[]; next: ExportPlace | undefined }>;

export type ExportedFile = Readonly<{ id: AttachmentId; name: string; key: FileKey; createdAt: Instant }>;

/** What is held of a person, by the map of personal data. Pages by keyset: a row that is there throughout is in one of them. */
export interface PersonalDataReader {
  /** The names of the lists, each as often as there are ways to be in it. */
  readonly lists: readonly string[];
  /** A page of the list at this place of `lists`. */
  page(account: AccountId, person: UserId, list: number, after: ExportPlace | undefined): Promise<ExportedPage>;
  /** Files that the person has uploaded, from the one after `after`. */
  files(account: AccountId, person: UserId, after: AttachmentId | undefined): Promise<readonly ExportedFile[]>;
}
export const PersonalDataReader = token<PersonalDataReader>('PersonalDataReader');
