import type { Clock } from '@coucou/application/ports/clock';

export const systemClock: Clock = { now: () => new Date() };
