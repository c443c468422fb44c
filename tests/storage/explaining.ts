import { type Session, type SessionPool, setAccount } from '@coucou/postgres/kit/session';
import pg from 'pg';

/** A node of a plan, as `explain (analyze, buffers, format json)` answers it. */
export type Node = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Function Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Node[];
};

/** One statement that a reader asked, planned with its values and, as a prepared statement comes to be in time, without. */
export type Explained = Readonly<{ name: string; custom: Node; generic: Node }>;

export const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
/** How often an index was gone down from its root. */
export const descentsOf = (node: Node): number =>
  nodesOf(node).reduce((sum, each) => sum + (each['Index Name'] === undefined ? 0 : each['Actual Loops']), 0);
export const pagesOf = (node: Node): number => node['Shared Hit Blocks'] + node['Shared Read Blocks'];

/** A statement in an account as the transaction that it is, in which more can be asked. */
export const spelledOut: Session['inAccount'] = async function spelledOut(this: Session, account, access, text, params, name) {
  void this.script(`begin${access === 'read' ? ' read only' : ''}; ${setAccount(account)}`);
  const answered = this.query<never>(text, params, name);
  void this.script('commit');
  return answered;
};

/** Says of each statement that goes through the pool how it was answered, in the role and the transaction that asked it. */
export function explaining(pool: SessionPool): { pool: SessionPool; explained: Explained[] } {
  const explained: Explained[] = [];
  const explain = (session: Session): Session => ({
    db: session.db,
    script: (text) => session.script(text),
    inAccount: spelledOut,
    async query(text, params = [], name) {
      if (name === undefined) throw new Error(`a reader asks without a name: ${text}`);
      // All are on their way before the commit. The first time counts what the
      // connection reads of the catalogue.
      const answered = session.query<never>(text, params, name);
      const execute = `explain (analyze, buffers, timing off, format json) execute ${pg.escapeIdentifier(name)}${argumentsOf(params)}`;
      const plans = (['custom', 'generic'] as const).map((kind) => {
        void session.script(`set local plan_cache_mode = force_${kind}_plan`);
        return [1, 2].map(() => session.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(execute));
      });
      void session.script('set local plan_cache_mode = auto');
      const [custom, generic] = await Promise.all(
        plans.map(async (runs) => (await Promise.all(runs)).at(-1)?.rows[0]?.['QUERY PLAN'][0].Plan),
      );
      if (custom === undefined || generic === undefined) throw new Error(`no plan of ${name}`);
      explained.push({ name, custom, generic });
      return answered;
    },
  });
  return { explained, pool: { use: (work) => pool.use((session) => work(explain(session))), end: () => pool.end() } };
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map((each) => JSON.stringify(String(each))).join(',')}}`);
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  return pg.escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value));
}

const argumentsOf = (params: readonly unknown[]): string => (params.length === 0 ? '' : `(${params.map(literal).join(', ')})`);

/** How these are reached depends on how little is in them at the moment. */
const SMALL = /\b(hide|attachment|preference|block|thread_mark|user_event)/;

/**
 * How each table that grows is reached, one line each: what stays the same from version to version of PostgreSQL, unlike the shape of a
 * whole plan. Whether rows are fetched through a bitmap of the index depends on how many are expected, so that is left out.
 */
export function accessPaths(plan: Node): string[] {
  const lines = nodesOf(plan).flatMap((node) => {
    const type = node['Node Type'].replace(/(Bitmap Index|Index Only) Scan/, 'Index Scan').replace(' Backward', '');
    if (node['Index Name'] !== undefined) return [`${type} ${node['Index Name']}: ${condition(node['Index Cond'])}`];
    if (type === 'Seq Scan') return [`Seq Scan of ${node['Relation Name']}`];
    if (node['Function Name'] !== undefined && node['Function Name'] !== 'unnest') return [`Function ${node['Function Name']}`];
    return [];
  });
  return [...new Set(lines)].filter((line) => !SMALL.test(line)).toSorted();
}

/** Without names of tables, casts and values. */
const condition = (text = 'all of it'): string =>
  text
    .replaceAll(/\(?NULLIF\(current_setting\('app\.account_id'::text, true\), ''::text\)\)?::uuid/g, 'account')
    .replaceAll(/'[^']*'(::[a-z ]+(\[\])?)/g, '?')
    .replaceAll(/::[a-z]+( with time zone)?(\[\])?/g, '')
    .replaceAll(/\b[a-z_]+\d*\.(?=[a-z_])/g, '')
    .replaceAll(/\$\d+|\(InitPlan \d+\)\.col\d+/g, '?');
