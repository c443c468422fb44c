import type { FileKey } from '@coucou/domain/attachments/attachment';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** One thing that is wrong, as a sentence with the ids that it concerns. */
export type DataFault = Readonly<{ account?: AccountId; what: string }>;

/** What one check found: `found` counts all faults, `examples` are some of them. */
export type CheckedData = Readonly<{ check: string; proves: string; found: number; examples: readonly DataFault[] }>;

/** A file that a row says is in the store. */
export type NamedFile = Readonly<{ account: AccountId; key: FileKey; what: string }>;

/** Checks what is stored, of all accounts. Needs rights that the server's own login does not have. */
export interface DataChecks {
  /** Runs every check and tells each result as it comes. Answers how many faults there are. */
  run(tell: (result: CheckedData) => void): Promise<number>;
  /** The files that rows name and that something uses, in the order of their keys. */
  files(): AsyncIterable<NamedFile>;
  /** Of these files, those that rows still name. */
  stillNamed(keys: readonly FileKey[]): Promise<ReadonlySet<FileKey>>;
}
export const DataChecks = token<DataChecks>('DataChecks');
