import type { ExportedRow, PersonalDataReader } from '@coucou/application/privacy/personal-data-reader';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import { asId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from '../kit/session.ts';
import type { ReaderSource } from '../kit/storage-parts.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { exportStatements } from './export-statements.ts';

/** Rows of a page: some have a whole draft or feed entry. */
const PAGE = 200;

/** $1 person, $2 the file after which, $3 limit. */
const FILES = `
  select t.id, t.name, t.storage_key, t.created_at from attachment t
  where t.owner_id = $1 and t.created_at is not null and t.status = 'ready' and ($2::uuid is null or t.id > $2)
  order by t.id limit $3`;

export function createPersonalDataReader(pool: SessionPool, { personalData }: ReaderSource): PersonalDataReader {
  const statements = exportStatements(personalData);
  return {
    lists: statements.map(({ list }) => list),

    async page(account, person, index, after) {
      const statement = statements[index];
      if (statement === undefined) throw new Error(`there is no list ${index}`);
      const [text, name] = after === undefined ? [statement.first, `${statement.name}-first`] : [statement.next, statement.name];
      type Row = ExportedRow & Readonly<{ place: string[] }>;
      const rows = await readOnce<Row>(pool, account, text, [person, PAGE + 1, ...(after ?? [])], name);
      const items = rows.slice(0, PAGE);
      return { rows: items.map(withoutNulls), next: rows.length > PAGE ? items.at(-1)?.place : undefined };
    },

    async files(account, person, after) {
      type Row = Readonly<{ id: string; name: string; storage_key: string; created_at: Date }>;
      const rows = await readOnce<Row>(pool, account, FILES, [person, after ?? null, PAGE], 'export-files');
      return rows.map((row) => ({ id: asId(row.id), name: row.name, key: row.storage_key as FileKey, createdAt: row.created_at }));
    },
  };
}

const withoutNulls = ({ place: _place, ...row }: ExportedRow): ExportedRow =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
