/** Nearest rank, over all samples at once: percentiles are never averaged. Not a number where there are none. */
export function percentile(samples: Float64Array, share: number): number {
  const sorted = samples.toSorted();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
