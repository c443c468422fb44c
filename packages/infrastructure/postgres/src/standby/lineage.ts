import { PLACE } from '../deployment.ts';
import type { Session } from '../kit/session.ts';

/**
 * Which history of which database a server is of: positions in the WAL compare only within one. A server that followed another primary, or
 * this one before a fail-over that left it behind, may have reached any position by another way.
 */
const lineageSql = (timeline: string): string => `select concat_ws(' ', (${PLACE.cluster}), (${timeline}), (${PLACE.database})) as lineage`;

/** Fails on a standby, which has no position to write at. */
const PRIMARY = lineageSql(PLACE.timeline);

/**
 * Of its last restart point: on a standby that follows its primary through a fail-over it is raised late, until when that one is not used;
 * never before the standby is on that timeline.
 */
const STANDBY = lineageSql('select timeline_id as value from pg_control_checkpoint()');

/** Of each connection once: it is a file that the server reads. */
function remembered(text: string) {
  const known = new WeakMap<Session, string>();
  return {
    async of(session: Session): Promise<string> {
      const found = known.get(session);
      if (found !== undefined) return found;
      const { rows } = await session.query<{ lineage: string }>(text);
      const lineage = rows[0]?.lineage ?? '';
      known.set(session, lineage);
      return lineage;
    },
    forget: (session: Session) => void known.delete(session),
  };
}

type Lineages = ReturnType<typeof remembered>;

export const primaryLineages = (): Lineages => remembered(PRIMARY);
export const standbyLineages = (): Lineages => remembered(STANDBY);
