/** Up to a quarter less by chance, so that what failed together does not come back together. */
const JITTER = 0.25;

export const jittered = (seconds: number, chance: () => number): number => seconds * (1 - JITTER * chance());
