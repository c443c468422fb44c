import { describe, expect, it } from 'vitest';
import { type Figures, judge, type Measured } from './judge.ts';
import { slopeOf } from './slope.ts';

/** Deviations that are the same in each run, between -0.5 and 0.5. */
const deviation = (at: number): number => ((at * 7) % 11) / 10 - 0.5;

const held: Figures = { heapMiB: 80, rssMiB: 200, descriptors: 40, timers: 12, rooms: 14, connectedUsers: 9, outboxDue: 0 };

/** An hour in which nothing is kept: figures go up and down with the load, and return. */
function hour(changed: (minute: number) => Figures = () => ({}), end: Figures = {}): Measured {
  const series = Array.from({ length: 120 }, (_, at) => {
    const minute = (at + 1) / 2;
    const figures = {
      ...held,
      heapMiB: 84 + 2 * deviation(at),
      rssMiB: 215 + 8 * deviation(at),
      descriptors: 55 + Math.round(6 * deviation(at)),
    };
    return { minute, figures: { ...figures, ...changed(minute) } };
  });
  return { start: held, series, end: { ...held, heapMiB: 81, rssMiB: 212, ...end } };
}

describe('a run is judged', () => {
  it('clean where everything returns', () => {
    expect(judge(hour())).toEqual([]);
  });

  it('by a heap that grows, though it is as small in the end as it may be', () => {
    const grows = hour((minute) => ({ heapMiB: 80 + minute * 0.12 + deviation(minute * 2) }), { heapMiB: 87.2 });
    expect(judge(grows)).toEqual([expect.stringMatching(/^heapMiB grows by 1\.\d\d %/)]);
  });

  it('not by caches that fill', () => {
    const fills = hour((minute) => ({ heapMiB: 80 + Math.min(minute, 20) * 0.3 + deviation(minute * 2) }), { heapMiB: 86 });
    expect(judge(fills)).toEqual([]);
  });

  it('not by growth that may be chance', () => {
    const uncertain = hour((minute) => ({ heapMiB: 80 + minute * 0.02 + 30 * deviation(minute * 2) }), { heapMiB: 85 });
    expect(judge(uncertain)).toEqual([]);
  });

  it('not by growth that has returned', () => {
    expect(judge(hour((minute) => ({ heapMiB: 80 + minute }), { heapMiB: 79 }))).toEqual([]);
  });

  it.each([
    ['descriptors', 41],
    ['timers', 15],
    ['rooms', 15],
    ['connectedUsers', 10],
    ['heapMiB', 90],
    ['rssMiB', 330],
    ['outboxDue', 1],
  ])('by %s that stay', (figure, left) => {
    expect(judge(hour(undefined, { [figure]: left }))).toEqual(
      [`${figure} ends at ${left}, and began at ${held[figure]}`].map((text) => expect.stringContaining(text)),
    );
  });
});

describe('a slope', () => {
  it('is the one of the line through its points', () => {
    const { slope, low, high } = slopeOf([0, 1, 2, 3, 4, 5].map((x) => ({ x, y: 3 + 2 * x }))) ?? {};
    expect([slope, low, high].map((value) => Math.round((value ?? 0) * 1e6) / 1e6)).toEqual([2, 2, 2]);
  });

  it('has the interval of a textbook example', () => {
    // Height and mass, https://en.wikipedia.org/wiki/Simple_linear_regression#Numerical_example
    const heights = [1.47, 1.5, 1.52, 1.55, 1.57, 1.6, 1.63, 1.65, 1.68, 1.7, 1.73, 1.75, 1.78, 1.8, 1.83];
    const masses = [52.21, 53.12, 54.48, 55.84, 57.2, 58.57, 59.93, 61.29, 63.11, 64.47, 66.28, 68.1, 69.92, 72.19, 74.46];
    const { slope, low, high } = slopeOf(heights.map((x, at) => ({ x, y: masses[at] ?? 0 }))) ?? {};
    expect(slope).toBeCloseTo(61.272, 3);
    expect(low).toBeCloseTo(57.4, 0);
    expect(high).toBeCloseTo(65.1, 0);
  });

  it('is not told of fewer points than five', () => {
    expect(slopeOf([0, 1, 2, 3].map((x) => ({ x, y: x })))).toBeUndefined();
  });
});
