import type { CheckedData, DataChecks, DataFault, NamedFile } from '@coucou/application/ports/data-checks';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import { asId } from '@coucou/domain/kernel/ids';
import { HiddenRowsError } from '../backup/snapshot.ts';
import type { Session, SessionPool } from '../kit/session.ts';
import { coreSchema } from '../schema/core-schema.ts';
import { migrationStatus } from '../schema/status.ts';
import type { Check, SchemaSet } from '../schema/schema-set.ts';

/** Faults that are shown of one check. */
const SHOWN = 10;
/** Files that are read at once. */
const PAGE = 5_000;
const INSUFFICIENT_PRIVILEGE = '42501';

/** With the rights of the login, whatever role the session is in; sorts of a million rows stay in memory. */
const BEGIN = `begin isolation level repeatable read read only; set local role none; set local row_security = off; set local jit = off;
  set local work_mem = '128MB'`;

type Fault = Readonly<{ account: string | null; what: string; found: number }>;
type FileRow = Readonly<{ account: string; key: string; what: string }>;

/**
 * Checks all that is stored, of the core and of `schemaSets`. `isShared`: others work on the one connection of an embedded database, and get their turn
 * between two checks; else all checks see one moment. The login of `pool` must pass row-level security, or this throws a `HiddenRowsError`.
 */
export function createDataChecks(
  pool: SessionPool,
  schemaSets: readonly SchemaSet[],
  { isShared }: Readonly<{ isShared: boolean }>,
): DataChecks {
  const sets = [coreSchema, ...schemaSets];
  const files = sets.flatMap(({ files: query = [] }) => query).join(' union all ');

  const moment = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    pool.use(async (session) => {
      await session.script(BEGIN);
      try {
        return await work(session);
      } catch (error) {
        if ((error as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE) throw error;
        throw new HiddenRowsError(`the login may not read every row (${(error as Error).message})`, { cause: error });
      } finally {
        await session.script('rollback').catch(() => {});
      }
    });

  return {
    async run(tell) {
      const steps = stepsOf(schemaSets);
      const together = isShared ? steps.map((step) => [step]) : [steps];
      let faults = 0;
      for (const some of together) {
        const isLast = await moment(async (session) => {
          for (const step of some) {
            const result = await step(session);
            tell(result);
            faults += result.found;
            // On another schema the other checks cannot be asked.
            if (result.check === SCHEMA && result.found > 0) return true;
          }
          return false;
        });
        if (isLast) break;
      }
      return faults;
    },

    async *files(): AsyncIterable<NamedFile> {
      for (let after = ''; ; ) {
        const page = await moment(async (session) => {
          const text = `select f.account_id::text as account, f.key, f.what from (${files}) f where f.key collate "C" > $1 order by f.key collate "C" limit ${PAGE}`;
          return (await session.query<FileRow>(text, [after])).rows;
        });
        for (const { account, key, what } of page) yield { account: asId(account), key: key as FileKey, what };
        after = page.at(-1)?.key ?? '';
        if (page.length < PAGE) return;
      }
    },

    stillNamed: (keys) =>
      moment(async (session) => {
        const { rows } = await session.query<{ key: FileKey }>(`select f.key from (${files}) f where f.key = any($1::text[])`, [keys]);
        return new Set(rows.map(({ key }) => key));
      }),
  };
}

type Step = (session: Session) => Promise<CheckedData>;

const SCHEMA = 'schema';

/** The checks in the order in which they are asked, of the core and of `schemaSets`; the first says whether the others can be. */
export function stepsOf(schemaSets: readonly SchemaSet[]): readonly Step[] {
  const checks = [coreSchema, ...schemaSets].flatMap(({ checks: own = [] }) => own);
  return [
    (session) => checkSchema(session, schemaSets),
    ...checks.map(
      (check): Step =>
        (session) =>
          carryOut(session, check),
    ),
  ];
}

async function checkSchema(session: Session, schemaSets: readonly SchemaSet[]): Promise<CheckedData> {
  const { pending } = await migrationStatus(session, schemaSets);
  return {
    check: SCHEMA,
    proves: 'the schema is that of this version',
    found: pending.length,
    examples: pending.slice(0, SHOWN).map((name) => ({ what: `${name} is to be applied; run \`pnpm cli migrate\`` })),
  };
}

async function carryOut(session: Session, { name, proves, faults }: Check): Promise<CheckedData> {
  let found = 0;
  const examples: DataFault[] = [];
  for (const query of typeof faults === 'string' ? [faults] : await faults(session)) {
    const { rows } = await session.query<Fault>(
      `select f.account_id::text as account, f.what, count(*) over () as found from (${query}) f limit ${SHOWN}`,
    );
    found += rows[0]?.found ?? 0;
    for (const { account, what } of rows) examples.push({ ...(account !== null && { account: asId<'account'>(account) }), what });
  }
  return { check: name, proves, found, examples: examples.slice(0, SHOWN) };
}
