/** Does at most one thing a minute, the first at once: for log lines that a fault would repeat without end. */
export function seldom(everyMs = 60_000): (act: () => void) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (act) => {
    const now = performance.now();
    if (now - last < everyMs) return;
    last = now;
    act();
  };
}
