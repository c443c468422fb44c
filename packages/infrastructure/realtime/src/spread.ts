/** Moments that a time is cut into. */
const SLOTS = 20;

/** Ends early, and quietly, when the signal says so. */
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

/** Tells each at some moment within the time, so that those who are told do not all ask at once. */
export async function spread(tellings: readonly (() => void)[], withinMs: number, signal: AbortSignal): Promise<void> {
  const slots = Array.from({ length: SLOTS }, (): (() => void)[] => []);
  for (const tell of tellings) slots[Math.floor(Math.random() * SLOTS)]?.push(tell);
  for (const slot of slots) {
    if (signal.aborted) return;
    for (const tell of slot) tell();
    await pause(withinMs / SLOTS, signal);
  }
}
