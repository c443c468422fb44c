import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Session } from '@coucou/postgres/kit/session';
import { schemaSets } from '@coucou/server/composition/features';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { DEFINERS, DELETABLE } from './privileges.ts';
import { type EnginePools, engines, openPostgres } from './engines.ts';

/** The migrator's own tables: one of each schema set, and one of functions. */
const MIGRATOR_TABLES = [...['coucou', ...schemaSets.map(({ name }) => name)].map((name) => `${name}_migration`), 'schema_function'];
/** Tables that belong to no account: the migrator's, and what a deployment has once. */
const TABLES_OF_NO_ACCOUNT = new RegExp(
  `^(${[...MIGRATOR_TABLES, 'deployment', 'node_run', 'outbox_worker', 'schedule', 'signing_key'].join('|')})$`,
);

/** The tables that the core makes; those of feature packages are theirs to delete from. */
const CORE_TABLES = new Set(
  globSync(resolve(import.meta.dirname, '../../packages/infrastructure/postgres/src/schema/migrations/*.ts')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/create table (\w+)/g)].map(([, name]) => name),
  ),
);

/** Keys that do not begin with the account, and why they may not. */
const GLOBAL_KEYS = ['account account_client_key_key'];

const RUNTIME = ['coucou_app', ...Object.keys(DEFINERS)].toSorted();

const TABLES = `
  select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced, pg_get_userbyid(c.relowner) as owner,
    exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and a.attnotnull) as has_account
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`;

/** Primary keys and uniques, declared or by index alone, with their first column. */
const KEYS = `
  select i.indrelid::regclass::text as "table", c.relname as name, i.indisprimary as "primary", a.attname as first
  from pg_index i join pg_class c on c.oid = i.indexrelid
  left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  where c.relnamespace = 'public'::regnamespace and i.indisunique order by 1, 2`;

const FOREIGN_KEYS = `
  select f.conrelid::regclass::text as "table", f.conname as name, f.confrelid::regclass::text as target, a.attname as first, b.attname as target_first
  from pg_constraint f
  join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
  join pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[1]
  where f.connamespace = 'public'::regnamespace and f.contype = 'f' order by 1, 2`;

const POLICIES = `select tablename as "table", permissive, roles::text[] as roles, cmd, qual as using, with_check from pg_policies where schemaname = 'public'`;

const ROLES = `
  select rolname as name, rolcanlogin as login, rolsuper as super, rolbypassrls as bypass, rolcreaterole as create_role, rolcreatedb as create_db,
    (select count(*) from pg_class where relowner = r.oid and relnamespace = 'public'::regnamespace) as owns,
    array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid) as member_of
  from pg_roles r where rolname like 'coucou\\_%' and rolname = any($1) order by 1`;

const DEFINER_FUNCTIONS = `
  select p.proname as name, pg_get_userbyid(p.proowner) as owner, p.proconfig as config,
    array(select coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC') from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
      where x.privilege_type = 'EXECUTE' order by 1) as callers
  from pg_proc p where p.prosecdef and p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) order by 1`;

const PRIVILEGES = `
  select * from (
    select x.grantee::regrole::text as role, c.relname || ': ' || x.privilege_type as may
    from pg_class c cross join lateral aclexplode(c.relacl) x where c.relnamespace = 'public'::regnamespace and x.grantee <> 0
    union all
    select x.grantee::regrole::text, c.relname || '(' || a.attname || '): ' || x.privilege_type
    from pg_class c join pg_attribute a on a.attrelid = c.oid cross join lateral aclexplode(a.attacl) x
    where c.relnamespace = 'public'::regnamespace and x.grantee <> 0
  ) p where role = any($1) order by 1, 2`;

const PUBLIC_PRIVILEGES = `
  select c.relname || ': ' || x.privilege_type as may from pg_class c cross join lateral aclexplode(c.relacl) x where c.relnamespace = 'public'::regnamespace and x.grantee = 0 order by 1`;

const CREATORS = `select r.rolname as name from pg_roles r where r.rolname = any($1) and has_schema_privilege(r.rolname, 'public', 'create')`;

const OPEN_VIEWS = `
  select relname as name from pg_class where relnamespace = 'public'::regnamespace
    and (relkind = 'm' or relkind = 'v' and not coalesce(reloptions, '{}') && array['security_invoker=true', 'security_invoker=on'])`;

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

describe.each(engines)('the catalogue of %s', (_, open) => {
  let engine: EnginePools;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  const ask = async <R>(text: string, ...params: readonly unknown[]): Promise<R[]> =>
    (await engine.owner.use((session: Session) => session.query<R>(text, params))).rows;

  type Table = { name: string; enabled: boolean; forced: boolean; owner: string; has_account: boolean };
  const tables = async () => (await ask<Table>(TABLES)).filter(({ name }) => !TABLES_OF_NO_ACCOUNT.test(name));
  const isOfAnAccount = (table: string) => !TABLES_OF_NO_ACCOUNT.test(table);

  it('has the tables that it is about', async () => {
    const names = (await tables()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['account', 'app_user', 'conversation', 'member', 'message', 'outbox', 'session']));
    const all = (await ask<Table>(TABLES)).map(({ name }) => name).filter((name) => !isOfAnAccount(name));
    expect(all).toEqual([...MIGRATOR_TABLES, 'deployment', 'node_run', 'outbox_worker', 'schedule', 'signing_key'].toSorted());
  });

  it('gives every table an account, and row-level security that binds even its owner', async () => {
    const wrong = (await tables()).filter(({ has_account, enabled, forced }) => !(has_account && enabled && forced));
    expect(wrong).toEqual([]);
  });

  it('begins every key with the account', async () => {
    type Key = { table: string; name: string; primary: boolean; first: string | null };
    const keys = (await ask<Key>(KEYS)).filter(({ table }) => isOfAnAccount(table));
    const withPrimary = keys.filter(({ primary }) => primary).map(({ table }) => table);
    expect(withPrimary.toSorted()).toEqual((await tables()).map(({ name }) => name).toSorted());
    const others = keys.filter(({ first }) => first !== 'account_id').map(({ table, name }) => `${table} ${name}`);
    expect(others).toEqual(GLOBAL_KEYS);
  });

  it('begins every foreign key with the account, on both sides', async () => {
    type ForeignKey = { table: string; name: string; target: string; first: string; target_first: string };
    const all = await ask<ForeignKey>(FOREIGN_KEYS);
    expect(all.length).toBeGreaterThan(8);
    expect(all.filter(({ first, target_first }) => first !== 'account_id' || target_first !== 'account_id')).toEqual([]);
  });

  it('has policies for the runtime by account, for the definers on their tables, and no others', async () => {
    type Policy = { table: string; permissive: string; roles: string[]; cmd: string; using: string; with_check: string };
    const policies = await ask<Policy>(POLICIES);
    const byAccount = "(account_id = (NULLIF(current_setting('app.account_id'::text, true), ''::text))::uuid)";
    const ofRuntime = policies.filter(({ roles }) => roles.join() === 'coucou_app');
    expect(ofRuntime.map(({ table }) => table).toSorted()).toEqual((await tables()).map(({ name }) => name).toSorted());
    expect(ofRuntime.filter(({ cmd, using, with_check }) => cmd !== 'ALL' || using !== byAccount || with_check !== byAccount)).toEqual([]);

    const ofDefiners = policies.filter((policy) => !ofRuntime.includes(policy));
    const expected = Object.entries(DEFINERS).flatMap(([role, privileges]) =>
      [...new Set(privileges.map((privilege) => /^\w+/.exec(privilege)?.[0] ?? ''))]
        .filter(isOfAnAccount)
        .map((table) => `${role} ${table}`),
    );
    expect(ofDefiners.map(({ roles, table }) => `${roles.join()} ${table}`).toSorted()).toEqual(expected.toSorted());
  });

  it('has roles that own nothing, log in nowhere and pass no policy', async () => {
    const powerless = { login: false, super: false, bypass: false, create_role: false, create_db: false, owns: 0, member_of: [] };
    expect(await ask(ROLES, RUNTIME)).toEqual(RUNTIME.map((name) => ({ name, ...powerless })));
    expect(await ask(CREATORS, RUNTIME)).toEqual([]);
  });

  it('gives each role what it needs and no more', async () => {
    const granted = await ask<{ role: string; may: string }>(PRIVILEGES, RUNTIME);
    const of = (role: string) => granted.filter((grant) => grant.role === role).map(({ may }) => may);
    for (const [role, privileges] of Object.entries(DEFINERS)) expect({ role, may: of(role) }).toEqual({ role, may: privileges });
    const runtime = of('coucou_app');
    expect(runtime.filter((may) => /TRUNCATE|REFERENCES|TRIGGER|MAINTAIN/.test(may))).toEqual([]);
    const deletable = runtime.filter((may) => may.endsWith('DELETE')).map((may) => /^\w+/.exec(may)?.[0]);
    expect(deletable.filter((table) => CORE_TABLES.has(table))).toEqual(DELETABLE);
    const guarded = ['message', 'outbox', 'outbox_worker', 'account', 'deployment', 'schedule', 'signing_key', ...MIGRATOR_TABLES];
    expect(runtime.filter((may) => guarded.includes(/^\w+/.exec(may)?.[0] ?? ''))).toEqual([
      'account(settings): UPDATE',
      'account: SELECT',
      'deployment: SELECT',
      // What was trimmed.
      'message: DELETE',
      'message: SELECT',
      'message: UPDATE',
      'outbox(attempts): UPDATE',
      'outbox(dead_at): UPDATE',
      'outbox(due_at): UPDATE',
      'outbox: DELETE',
      'outbox: INSERT',
      'outbox: SELECT',
    ]);
    // The logs are written by the system, and forgotten by the account.
    expect(runtime.filter((may) => /^(connection|presence)_log/.test(may))).toEqual([
      'connection_log: DELETE',
      'connection_log: SELECT',
      'presence_log: DELETE',
      'presence_log: SELECT',
    ]);
    // What was done is there for good.
    expect(runtime.filter((may) => may.startsWith('audit_'))).toEqual([
      'audit_entry: INSERT',
      'audit_entry: SELECT',
      'audit_seal: INSERT',
      'audit_seal: SELECT',
      'audit_unsealed: DELETE',
      'audit_unsealed: INSERT',
      'audit_unsealed: SELECT',
    ]);
    // What a message brings with it is stored by the statement that stores the message.
    expect(runtime.filter((may) => /^(attachment_use|hide)\b/.test(may))).toEqual([
      'attachment_use: DELETE',
      'attachment_use: SELECT',
      'hide: DELETE',
      'hide: INSERT',
      'hide: SELECT',
    ]);
    // The server refuses a schema newer than itself before it takes any role.
    expect(await ask(PUBLIC_PRIVILEGES)).toEqual(MIGRATOR_TABLES.toSorted().map((table) => ({ may: `${table}: SELECT` })));
  });

  it('has exactly the functions that run as another, each with a fixed search path and one caller', async () => {
    const functions = await ask<{ name: string; owner: string; config: string[]; callers: string[] }>(DEFINER_FUNCTIONS);
    expect(functions).toEqual([
      {
        name: 'append_messages',
        owner: 'coucou_append',
        config: expect.arrayContaining(['search_path=pg_catalog, public, pg_temp']),
        callers: ['coucou_app', 'coucou_append'],
      },
      {
        name: 'import_messages',
        owner: 'coucou_append',
        config: expect.arrayContaining(['search_path=pg_catalog, public, pg_temp']),
        callers: ['coucou_app', 'coucou_append'],
      },
      {
        name: 'search_messages',
        owner: 'coucou_search',
        config: expect.arrayContaining(['search_path=pg_catalog, public, pg_temp']),
        callers: ['coucou_app', 'coucou_search'],
      },
      {
        name: 'search_users',
        owner: 'coucou_search',
        config: expect.arrayContaining(['search_path=pg_catalog, public, pg_temp']),
        callers: ['coucou_app', 'coucou_search'],
      },
    ]);
  });

  it('has no view that reads with the rights of its owner', async () => {
    expect(await ask(OPEN_VIEWS)).toEqual([]);
  });

  it('belongs to nobody who serves requests', async () => {
    const owners = new Set((await ask<Table>(TABLES)).map(({ owner }) => owner));
    expect(owners.size).toBe(1);
    for (const role of RUNTIME) expect(owners).not.toContain(role);
  });
});

describe('the server itself', () => {
  it('is bound by all of this: its login owns nothing, is no superuser and may take two roles', async () => {
    const engine = openPostgres(database);
    const login = decodeURIComponent(new URL(database.url).username);
    try {
      const { rows } = await engine.main.use((session) =>
        session.query(
          `select session_user::text as login, current_user::text as acting, r.rolsuper as super, r.rolbypassrls as bypass,
            array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid order by 1) as member_of
          from pg_roles r where r.rolname = session_user`,
        ),
      );
      expect(rows).toEqual([{ login, acting: 'coucou_app', super: false, bypass: false, member_of: ['coucou_app', 'coucou_system'] }]);
    } finally {
      await engine.close();
    }
  });
});
