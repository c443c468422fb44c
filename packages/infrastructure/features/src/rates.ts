import type { Rate } from '@coucou/domain/kernel/rate';
import { z } from 'zod';

const count = (text: string | undefined): number => Number(text);

/** `10/900,100/86400`: all of them hold; `off`: none. */
export const rates = z.union([
  z.literal('off').transform((): Rate[] => []),
  z
    .string()
    .regex(/^[1-9]\d{0,6}\/[1-9]\d{0,6}(?:,[1-9]\d{0,6}\/[1-9]\d{0,6})*$/)
    .transform((text) =>
      text.split(',').map((rate): Rate => {
        const [limit, seconds] = rate.split('/');
        return { limit: count(limit), windowSeconds: count(seconds) };
      }),
    ),
]);

export const ratesExpected = 'off, or counts per seconds such as 10/900, comma-separated where several hold';
