import type { Session } from '../kit/session.ts';
import type { RunningNode } from './needs.ts';

/** A node that was not seen for as long does not run: three beats and more (activity-upkeep.ts). */
export const GONE_AFTER_SECONDS = 60;

// As JSON, since a database of an earlier version has no such column.
const NODES = `
  select node, to_jsonb(r) ->> 'version' as version, extract(epoch from clock_now() - seen_at)::float8 as "seenSecondsAgo" from node_run r
  where seen_at > (select clock_now()) - make_interval(secs => $1) order by node, seen_at`;

/** The nodes that were seen lately, for the owner of the database. None in a database without a schema. */
export async function runningNodes(session: Session): Promise<readonly RunningNode[]> {
  const { rows: known } = await session.query<{ there: boolean }>(`select to_regclass('public.node_run') is not null as there`);
  if (known[0]?.there !== true) return [];
  const { rows } = await session.query<{ node: string; version: string | null; seenSecondsAgo: number }>(NODES, [GONE_AFTER_SECONDS]);
  return rows.map(({ version, ...node }) => ({ ...node, version: version ?? undefined, seenSecondsAgo: Math.max(0, node.seenSecondsAgo) }));
}
