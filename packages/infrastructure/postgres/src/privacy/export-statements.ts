import { type Concern, type Exported, type PersonalData, type TableData, wordsOf } from '../schema/personal-data.ts';

/** How one list is read: the statement of its first page, that of the pages after a place, and how many texts a place has. */
export type ExportStatement = Readonly<{ list: string; name: string; first: string; next: string }>;

const camel = (column: string): string => column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Another person, by id and name; without the name where they block the person of the export. */
const other = (column: string): string => `(
  select json_build_object('id', p.id, 'username', p.username, 'displayName', p.display_name) from app_user p
  where p.account_id = t.account_id and p.id = t.${column}
    and not exists (select from block b where b.account_id = p.account_id and b.blocker_id = p.id and b.blocked_id = $1)
  union all
  select json_build_object('id', t.${column}) from block b
  where b.account_id = t.account_id and b.blocker_id = t.${column} and b.blocked_id = $1)`;

function fieldsOf({ of = {}, personal }: TableData, mine: string, { also = {} }: Exported): string {
  const others = Object.entries(of).filter(([column]) => column !== mine);
  return [
    ...wordsOf(personal).map((column) => `t.${column} as "${camel(column)}"`),
    ...others.map(([column, { called }]) => `${other(column)} as "${called ?? column.replace(/_id$/, '')}"`),
    ...Object.entries(also).map(([name, expression]) => `${expression} as "${name}"`),
  ].join(', ');
}

/** The rows of the person in $1, by keyset after the place in $3 and on, at most $2. */
function rowsOf(table: string, mine: string, { via }: Concern, { by, few, through }: Exported, isFirst: boolean): string {
  const keys = wordsOf(by);
  const stated = via === undefined ? '' : ` and t.${via} is not null`;
  const list = (prefix: string) => keys.map((key) => `${prefix}${key}`).join(', ');
  const after = (from: number) => `(${list('t.')}) > (${keys.map((_, at) => `$${at + from}`).join(', ')})`;
  if (through === 'member')
    return `
      select t.*, array[m.conversation_id::text, ${keys.map((key) => `t.${key}::text`).join(', ')}] as place
      from member m cross join lateral (
        select t.* from ${table} t
        where t.account_id = m.account_id and t.conversation_id = m.conversation_id and t.${mine} = m.user_id${stated}
          ${isFirst ? '' : `and (m.conversation_id > $3::uuid or ${after(4)})`}
        order by ${list('t.')} limit $2
      ) t
      where m.user_id = $1 and m.joined_at is not null ${isFirst ? '' : 'and m.conversation_id >= $3::uuid'}
      order by m.conversation_id, ${list('t.')} limit $2`;
  // The fence keeps the planner from walking the order of the whole table in search of one person's rows.
  const from = few ? `(select * from ${table} t where t.${mine} = $1${stated} offset 0)` : table;
  return `
    select t.*, array[${keys.map((key) => `t.${key}::text`).join(', ')}] as place from ${from} t
    where t.${mine} = $1${stated} ${isFirst ? '' : `and ${after(3)}`}
    order by ${list('t.')} limit $2`;
}

/** One for each way in which a person may see rows of their own, in the order of the map. */
export const exportStatements = (map: PersonalData): readonly ExportStatement[] =>
  Object.entries(map).flatMap(([table, data]) =>
    Object.entries(data.of ?? {}).flatMap(([column, concern]) => {
      const { exported } = concern;
      if (exported === undefined) return [];
      const text = (isFirst: boolean) =>
        `select t.place, ${fieldsOf(data, column, exported)} from (${rowsOf(table, column, concern, exported, isFirst)}) t`;
      return [{ list: exported.as, name: `export-${table}-${column}`, first: text(true), next: text(false) }];
    }),
  );
