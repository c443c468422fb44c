import { drift } from './measure.ts';

/** A round with the figures of its limit, of which the first and the last say how far the machine drifted meanwhile. */
export type Attempt<Round> = Readonly<{ round: Round; limits: readonly number[]; summary: string }>;
export type Kept<Round> = Readonly<{
  rounds: Round[];
  /** Because the limit drifted too far. */
  thrownAway: number;
  /** Rounds that count although the limit drifted, since there were too few others. */
  keptInSpite: number;
}>;

const MOST_DRIFT = 0.1;

/** Rounds until so many were calm; at most twice as many, and then the least restless of the others make up for them. */
export async function calmRounds<Round>(
  wanted: number,
  log: (line: string) => void,
  once: () => Promise<Attempt<Round>>,
): Promise<Kept<Round>> {
  const kept: Round[] = [];
  const drifted: { round: Round; moved: number }[] = [];
  for (let attempt = 1; attempt <= 2 * wanted && kept.length < wanted; attempt += 1) {
    const { round, limits, summary } = await once();
    const [first, last] = [limits[0], limits.at(-1)];
    const moved = first && last ? drift(first, last) : 0;
    if (moved > MOST_DRIFT) drifted.push({ round, moved });
    else kept.push(round);
    log(`round ${attempt}: ${summary}${moved > MOST_DRIFT ? `  set aside: the limit drifted by ${Math.round(moved * 100)} %` : ''}`);
  }
  const spare = drifted.toSorted((a, b) => a.moved - b.moved).slice(0, wanted - kept.length);
  return {
    rounds: [...kept, ...spare.map(({ round }) => round)],
    thrownAway: drifted.length - spare.length,
    keptInSpite: spare.length,
  };
}

/** What a table says of them. */
export const medianOf = ({ rounds, thrownAway, keptInSpite }: Kept<unknown>): string =>
  `median [lowest–highest] of ${rounds.length} round(s), ${thrownAway} thrown away, ${keptInSpite} kept although the limit drifted`;
