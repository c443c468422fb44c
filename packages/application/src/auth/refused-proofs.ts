import type { SessionId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';
import type { Clock } from '../ports/clock.ts';

/** Which refusals of bound tokens were recorded lately: the holder of a stolen one could otherwise cause unbounded writes. */
export type RefusedProofs = Readonly<{
  /** Whether a refusal of this token of the session, for this reason, is to be recorded. */
  isNews: (sessionId: SessionId, kind: 'access' | 'refresh', code: string) => boolean;
}>;
export const RefusedProofs = token<RefusedProofs>('RefusedProofs');

const RECORDED_EVERY_MS = 60_000;
const MOST_REMEMBERED = 10_000;

export function createRefusedProofs(clock: Clock): RefusedProofs {
  const recorded = new Map<string, number>();
  return {
    isNews(sessionId, kind, code) {
      const key = `${sessionId} ${kind} ${code}`;
      const now = clock.now().getTime();
      const last = recorded.get(key);
      if (last !== undefined && now - last < RECORDED_EVERY_MS) return false;
      recorded.delete(key);
      recorded.set(key, now);
      for (const oldest of recorded.keys()) {
        if (recorded.size <= MOST_REMEMBERED) break;
        recorded.delete(oldest);
      }
      return true;
    },
  };
}
