import { z } from 'zod';

/** What stands after `#token=` in the link of a mail. */
export const mailedToken = z
  .string()
  .min(1)
  .max(2_048)
  .meta({ description: 'the token of the link in the mail', examples: ['q1W2e3R4t5Y6u7I8o9P0'] });
