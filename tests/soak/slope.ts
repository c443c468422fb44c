export type Point = Readonly<{ x: number; y: number }>;

/** How much `y` grows for each unit of `x`, with its 95 % interval. */
export type Slope = Readonly<{ slope: number; low: number; high: number }>;

/** Fewer points say nothing of how certain the slope is. */
const FEWEST = 5;

/** Least squares. The interval takes deviations as independent of each other; undefined for fewer than five points. */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const n = points.length;
  if (n < FEWEST) return undefined;
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / n;
  const [centreX, centreY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spreadX = points.reduce((sum, { x }) => sum + (x - centreX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - centreX) * (y - centreY), 0) / spreadX;
  const left = points.reduce((sum, { x, y }) => sum + (y - centreY - slope * (x - centreX)) ** 2, 0);
  const half = studentT(n - 2) * Math.sqrt(left / (n - 2) / spreadX);
  return { slope, low: slope - half, high: slope + half };
}

/** The 97.5 % point of Student's distribution, within 2 % from three degrees of freedom on. */
const studentT = (freedom: number): number => 1.96 + 2.4 / freedom + 3.2 / freedom ** 2;
