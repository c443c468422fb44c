import type { Session } from '../kit/session.ts';
import type { Check } from '../schema/schema-set.ts';

type ForeignKey = Readonly<{
  name: string;
  child: string;
  parent: string;
  columns: readonly string[];
  keys: readonly string[];
  is_tenants: boolean;
}>;

const FOREIGN_KEYS = `
  select f.conname::text as name, f.conrelid::regclass::text as child, f.confrelid::regclass::text as parent,
    array(select quote_ident(a.attname) from unnest(f.conkey) with ordinality k(n, i)
      join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.n order by k.i) as columns,
    array(select quote_ident(a.attname) from unnest(f.confkey) with ordinality k(n, i)
      join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.n order by k.i) as keys,
    exists (select from pg_attribute a where a.attrelid = f.conrelid and a.attname = 'account_id') as is_tenants
  from pg_constraint f where f.contype = 'f' and f.connamespace = 'public'::regnamespace order by 2, 1`;

/** An index that is damaged, or rows that were loaded with the triggers off, let a reference lead nowhere in spite of its foreign key. */
async function brokenReferences(session: Session): Promise<readonly string[]> {
  const { rows } = await session.query<ForeignKey>(FOREIGN_KEYS);
  return rows.map(({ child, parent, columns, keys, is_tenants }) => {
    const given = columns.map((column) => `c.${column} is not null`).join(' and ');
    const same = columns.map((column, at) => `p.${keys[at]} = c.${column}`).join(' and ');
    const values = columns.map((column) => `c.${column}`).join(', ');
    return `
      select ${is_tenants ? 'c.account_id' : 'null::uuid as account_id'},
        '${child} (${columns.join(', ')}) = (' || concat_ws(', ', ${values}) || ') is not in ${parent}' as what
      from ${child} c where ${given} and not exists (select from ${parent} p where ${same})`;
  });
}

const OF_TENANTS = `
  select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped)`;

export const schemaChecks: readonly Check[] = [
  {
    name: 'references',
    proves: 'every reference leads to a row, of the same account',
    faults: brokenReferences,
  },
  {
    name: 'isolation',
    ofCatalogue: true,
    proves: 'row-level security is enabled and forced on every table of accounts, and references between them are within an account',
    faults: `
      select null::uuid as account_id, 'the table ' || t.relname || ' is not under forced row-level security' as what
      from (${OF_TENANTS}) t
      where not t.relrowsecurity or not t.relforcerowsecurity
        or not exists (select from pg_policy p where p.polrelid = t.oid and p.polname = 'account_isolation')
      union all
      select null, 'the foreign key ' || f.conname || ' of ' || f.conrelid::regclass || ' lets a row refer to one of another account'
      from pg_constraint f
      join (${OF_TENANTS}) t on t.oid = f.conrelid
      join (${OF_TENANTS}) o on o.oid = f.confrelid
      where f.contype = 'f' and not exists (
        select from unnest(f.conkey, f.confkey) k(n, m)
        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.n and a.attname = 'account_id'
        join pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.m and b.attname = 'account_id')`,
  },
  {
    name: 'indexes',
    ofCatalogue: true,
    proves: 'every index is valid, and was built with the collation that the database has now',
    faults: `
      select null::uuid as account_id, 'the index ' || i.indexrelid::regclass || ' is not valid; \`reindex index\` builds it again' as what
      from pg_index i join pg_class c on c.oid = i.indexrelid
      where c.relnamespace = 'public'::regnamespace and not (i.indisvalid and i.indisready and i.indislive)
      union all
      select null, 'the database was made with version ' || d.datcollversion || ' of its collation, and the system has ' ||
        pg_database_collation_actual_version(d.oid) || '; \`reindex database\` and \`alter database … refresh collation version\`'
      from pg_database d
      where d.datname = current_database() and d.datcollversion <> pg_database_collation_actual_version(d.oid)`,
  },
  {
    name: 'constraints',
    ofCatalogue: true,
    proves: 'every constraint is validated, and no trigger is off',
    faults: `
      select null::uuid as account_id, 'the constraint ' || f.conname || ' of ' || f.conrelid::regclass || ' is not validated' as what
      from pg_constraint f where f.connamespace = 'public'::regnamespace and not f.convalidated
      union all
      select null, 'the trigger ' || t.tgname || ' of ' || t.tgrelid::regclass || ' is off'
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where c.relnamespace = 'public'::regnamespace and t.tgenabled in ('D', 'R')`,
  },
  {
    name: 'deployment',
    proves: 'the database has one epoch',
    faults: `select null::uuid as account_id, 'the table deployment has ' || count(*) || ' rows' as what from deployment having count(*) <> 1`,
  },
];
