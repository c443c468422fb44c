import type { UserId } from '@coucou/domain/kernel/ids';
import { type Kysely, sql } from 'kysely';
import type { Concern, Erasure, PersonalData, Stage } from '../schema/personal-data.ts';

/** One place that is erased, such as `draft.user_id`. `run` answers how many rows it changed, at most `limit`. */
export type EraseStatement = Readonly<{ place: string; run: <DB>(db: Kysely<DB>, person: UserId, limit: number) => Promise<number> }>;

/** The end of the statement for a batch of rows of the person, which it takes by their place on the disk, without another look-up. */
function statementOf(table: string, column: string, { via }: Concern, erased: Erasure): string | undefined {
  const some = (condition: string) => `
    where t.ctid = any(array(select s.ctid from ${table} s where s.${column} = $person${via === undefined ? '' : ` and s.${via} is not null`}${condition} limit $limit))`;
  if (erased.is === 'deleted') return `delete from ${table} t${some('')}`;
  if (erased.is !== 'cleared' || erased.by === 'system') return undefined;
  const to = Object.entries(erased.to);
  // What is cleared already is passed over: a second run ends.
  const left = to.map(([name, value]) => `s.${name} is distinct from ${value}`).join(' or ');
  return `update ${table} t set ${to.map(([name, value]) => `${name} = ${value}`).join(', ')}${some(` and (${left})`)}`;
}

/** What the map erases in this stage; in the last one also what it erases before, in case something was written since. */
export function eraseStatements(map: PersonalData, stage: Stage): readonly EraseStatement[] {
  const stages: readonly Stage[] =
    stage === 'at last' ? ['at once', 'soon', 'at last'] : stage === 'soon' ? ['at once', 'soon'] : ['at once'];
  return Object.entries(map).flatMap(([table, { of = {} }]) =>
    Object.entries(of).flatMap(([column, concern]) => {
      const { erased } = concern;
      if (!('stage' in erased) || !stages.includes(erased.stage)) return [];
      const statement = statementOf(table, column, concern, erased);
      if (statement === undefined) return [];
      const [before = '', middle = '', after = ''] = statement.split(/\$person|\$limit/);
      return [
        {
          place: `${table}.${column}`,
          run: async <DB>(db: Kysely<DB>, person: UserId, limit: number) => {
            const query = sql`${sql.raw(before)}${person}::uuid${sql.raw(middle)}${limit}${sql.raw(after)}`;
            return Number((await query.execute(db)).numAffectedRows ?? 0);
          },
        },
      ];
    }),
  );
}
