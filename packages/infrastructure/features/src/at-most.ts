import { z } from 'zod';

/** A setting that lowers a ceiling of the product, which is also its default: schemas and queries rest on the ceiling. */
export const atMost = (ceiling: number, unit: string, { about, least = 1 }: Readonly<{ about: string; least?: number }>) => ({
  about,
  expects: `a whole number of ${unit} from ${least} to ${ceiling}`,
  fallback: String(ceiling),
  schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(least).max(ceiling)),
});
