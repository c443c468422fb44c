import type { CheckedData, DataChecks, DataFault, NamedFile } from '@coucou/application/ports/data-checks';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import { asId } from '@coucou/domain/kernel/ids';
import { readWhole, readWholeAsOwner } from '../backup/whole-database.ts';
import type { Session, SessionPool } from '../kit/session.ts';
import { coreSchema } from '../schema/core-schema.ts';
import { migrationStatus } from '../schema/status.ts';
import type { Check, SchemaSet } from '../schema/schema-set.ts';

/** Faults that are shown of one check. */
const SHOWN = 10;
/** Files that are read at once. */
const PAGE = 5_000;

type Fault = Readonly<{ account: string | null; what: string; found: number }>;
type FileRow = Readonly<{ account: string; key: string; what: string }>;

/**
 * How the database is read. `moment`: all checks see one moment, by a login that passes row-level security. `turns`: on the one connection of an embedded database,
 * on which others get their turn between two checks. `owner`: by the owner of the tables, which are locked meanwhile, while no server runs.
 */
export type Reading = 'moment' | 'turns' | 'owner';

/** Checks all that is stored, of the core and of `schemaSets`. A login that may not read every row throws a `HiddenRowsError`. */
export function createDataChecks(pool: SessionPool, schemaSets: readonly SchemaSet[], reading: Reading): DataChecks {
  const sets = [coreSchema, ...schemaSets];
  const files = sets.flatMap(({ files: query = [] }) => query).join(' union all ');
  const read = reading === 'owner' ? readWholeAsOwner : readWhole;

  return {
    async run(tell) {
      const steps = stepsOf(schemaSets);
      const [ofCatalogue, ofRows] = [steps.filter((step) => step.ofCatalogue), steps.filter((step) => !step.ofCatalogue)];
      const groups = { moment: [steps], turns: steps.map((step) => [step]), owner: [ofCatalogue, ofRows] }[reading];
      let faults = 0;
      for (const group of groups) {
        // The owner sees every row while row-level security is not forced, which is what one of the checks of the catalogue looks for.
        const isLast = await (group === ofRows ? read : readWhole)(pool, async (session) => {
          for (const { run } of group) {
            const result = await run(session);
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
        const page = await read(pool, async (session) => {
          const text = `select f.account_id::text as account, f.key, f.what from (${files}) f where f.key collate "C" > $1 order by f.key collate "C" limit ${PAGE}`;
          return (await session.query<FileRow>(text, [after])).rows;
        });
        for (const { account, key, what } of page) yield { account: asId(account), key: key as FileKey, what };
        after = page.at(-1)?.key ?? '';
        if (page.length < PAGE) return;
      }
    },

    stillNamed: (keys) =>
      read(pool, async (session) => {
        const { rows } = await session.query<{ key: FileKey }>(`select f.key from (${files}) f where f.key = any($1::text[])`, [keys]);
        return new Set(rows.map(({ key }) => key));
      }),
  };
}

/** One check, made to be run. */
export type Step = Readonly<{ ofCatalogue: boolean; run(session: Session): Promise<CheckedData> }>;

const SCHEMA = 'schema';

/** The checks in the order in which they are asked, of the core and of `schemaSets`; the first says whether the others can be. */
export function stepsOf(schemaSets: readonly SchemaSet[]): readonly Step[] {
  const checks = [coreSchema, ...schemaSets].flatMap(({ checks: own = [] }) => own);
  return [
    { ofCatalogue: true, run: (session) => checkSchema(session, schemaSets) },
    ...checks.map((check): Step => ({ ofCatalogue: check.ofCatalogue === true, run: (session) => carryOut(session, check) })),
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
