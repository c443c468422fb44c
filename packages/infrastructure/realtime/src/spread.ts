/** Number of slots that the period is divided into. */
const SLOTS = 20;

/** Resolves early when aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    timer.unref();
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });

/** Jitter: runs each at a random moment within the period, so that clients do not all sync at once. */
export async function spread(tellings: readonly (() => void)[], withinMs: number, signal: AbortSignal): Promise<void> {
  const slots = Array.from({ length: SLOTS }, (): (() => void)[] => []);
  for (const tell of tellings) slots[Math.floor(Math.random() * SLOTS)]?.push(tell);
  for (const slot of slots) {
    if (signal.aborted) return;
    for (const tell of slot) tell();
    await pause(withinMs / SLOTS, signal);
  }
}
