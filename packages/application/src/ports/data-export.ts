import { token } from '../kernel/token.ts';
import type { NamedFile } from './data-checks.ts';

/** What a copy of the database is of. */
export type DataDescription = Readonly<{
  /** Such as `PostgreSQL 17.5`. */
  engine: string;
  epoch: string;
  /** The migrations that were applied, by schema set. */
  migrations: Readonly<Record<string, readonly string[]>>;
  /** The folding by which names and words were stored. */
  folding: string;
}>;

/** Columns in the order of the values of its rows. */
export type TableShape = Readonly<{ name: string; columns: readonly string[] }>;

/** Everything that is stored, as it was at one moment. */
export type DataCopy = Readonly<{
  description: DataDescription;
  tables: readonly (TableShape & Readonly<{ rows: number }>)[];
  /** Tables of the database that are not the product's, such as another application's. They are not copied. */
  others: readonly string[];
  /** Rows in batches; a row is a JSON array with the text of each value, or null. */
  rowsOf(table: TableShape): AsyncIterable<readonly string[]>;
  /** The files that these rows name and that something uses, in batches. */
  files(): AsyncIterable<readonly NamedFile[]>;
}>;

/** Reads all that is stored, of all accounts. Needs rights that the server's own login does not have. */
export interface DataExport {
  /** The copy is there while `work` runs; an embedded database does nothing else meanwhile. */
  read<T>(work: (copy: DataCopy) => Promise<T>): Promise<T>;
}
export const DataExport = token<DataExport>('DataExport');
