import { slopeOf } from './slope.ts';

/** What a node holds at one moment, by the name of the figure. */
export type Figures = Readonly<Record<string, number>>;
export type Sample = Readonly<{ minute: number; figures: Figures }>;

/** What was measured of one node. At the start and in the end only the clients are connected that stay for the whole run. */
export type Measured = Readonly<{ start: Figures; series: readonly Sample[]; end: Figures }>;

/** How much of a figure may stay or grow; what is not judged is only reported. */
type Rule = Readonly<{
  figure: string;
  /** How much more there may be in the end than at the start, in the figure's own unit. */
  left: number;
  /** How much it may grow in ten minutes, as a share of its mean, under a load that does not. Judged of runs of ten minutes and more. */
  growth?: number;
}>;

/** More than at the start is a leak of what is counted; memory is also held by caches that fill,
 * compiled code and, outside the heap, what allocators keep of a peak: several passwords hashed at once. */
const rules: readonly Rule[] = [
  { figure: 'heapMiB', left: 8, growth: 0.01 },
  { figure: 'externalMiB', left: 8 },
  { figure: 'rssMiB', left: 128, growth: 0.02 },
  { figure: 'descriptors', left: 0, growth: 0.05 },
  { figure: 'kernelSockets', left: 0 },
  { figure: 'timers', left: 2, growth: 0.05 },
  { figure: 'handles', left: 0 },
  { figure: 'rooms', left: 0 },
  { figure: 'socketObjects', left: 0 },
  { figure: 'sockets', left: 0 },
  { figure: 'unauthenticated', left: 0 },
  { figure: 'connectedUsers', left: 0 },
  { figure: 'databaseConnections', left: 0 },
  { figure: 'databaseWaiting', left: 0 },
  { figure: 'appendsWaiting', left: 0 },
  { figure: 'outboxDue', left: 0 },
  { figure: 'deadLetters', left: 0 },
  { figure: 'jobsWaiting', left: 0 },
  { figure: 'jobsRunning', left: 0 },
];

/** Figures that have not returned to where they were. */
export const notReturned = ({ start, end }: Pick<Measured, 'start' | 'end'>): string[] =>
  rules.flatMap(({ figure, left }) => {
    const [before, after] = [start[figure], end[figure]];
    if (before === undefined || after === undefined || after <= before + left) return [];
    return [`${figure} ends at ${rounded(after)}, and began at ${rounded(before)} (${left} more are allowed)`];
  });

export type Growth = Readonly<{
  figure: string;
  mean: number;
  /** In ten minutes, as a share of the mean, with the 95 % interval. */
  growth: number;
  low: number;
  high: number;
}>;

/** How each figure grew over the series; none of those of which there are too few samples, or that are always 0. */
export function growths(series: readonly Sample[]): Growth[] {
  const names = new Set(series.flatMap(({ figures }) => Object.keys(figures)));
  return [...names].flatMap((figure) => {
    const points = series.flatMap(({ minute, figures: { [figure]: y } }) => (y === undefined ? [] : [{ x: minute, y }]));
    const slope = slopeOf(points);
    const mean = points.reduce((sum, { y }) => sum + y, 0) / points.length;
    if (slope === undefined || mean === 0) return [];
    const share = (perMinute: number) => (10 * perMinute) / mean;
    return [{ figure, mean, growth: share(slope.slope), low: share(slope.low), high: share(slope.high) }];
  });
}

/** Shorter runs show how code gets compiled and caches fill. */
const FEWEST_MINUTES = 10;

/**
 * Figures that grow for certain by more than they may, and in the end are above the start. Of the later half of the series: caches fill in
 * the earlier one, and what is kept by mistake does not stop growing.
 */
function growing({ start, series, end }: Measured): string[] {
  const minutes = series.at(-1)?.minute ?? 0;
  if (minutes < FEWEST_MINUTES) return [];
  const later = series.filter(({ minute }) => minute > minutes / 2);
  const bounds = new Map(rules.flatMap(({ figure, growth }) => (growth === undefined ? [] : [[figure, growth] as const])));
  return growths(later).flatMap(({ figure, growth, low, high }) => {
    const bound = bounds.get(figure) ?? Infinity;
    if (low <= bound || (end[figure] ?? 0) <= (start[figure] ?? 0)) return [];
    return [`${figure} grows by ${percent(growth)} in ten minutes (95 %: ${percent(low)} to ${percent(high)}; at most ${percent(bound)})`];
  });
}

/** Everything that a run shows to be kept by mistake. */
export const judge = (measured: Measured): string[] => [...notReturned(measured), ...growing(measured)];

const rounded = (value: number): string => String(Math.round(value * 100) / 100);
export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
