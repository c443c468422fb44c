import { z } from 'zod';
import { operation } from '../kernel/operation.ts';

export const csrf = operation({
  name: 'auth.csrf',
  summary: 'The token against forged requests, for calls that the cookie of a session authenticates.',
  http: { method: 'GET', path: '/auth/csrf', status: 200 },
  access: 'public',
  answersToken: true,
  refreshCookie: 'takes',
  input: z.strictObject({}),
  output: z.object({
    token: z.string().meta({
      description: 'for the header X-CSRF-Token; good for the session of the cookie',
      examples: ['8ZbS0vF1oQ5iQm2JtWcN8r7pLd6sUeAaBbc'],
    }),
  }),
  errors: ['CSRF_FAILED', 'FORBIDDEN'],
});
