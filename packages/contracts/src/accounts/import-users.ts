import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { email, username } from '../auth/signup.ts';
import { operation } from '../kernel/operation.ts';
import { counter, line } from '../kernel/types.ts';
import { externalId } from './users.ts';

/** One line of an import. */
export const ImportedUser = z.strictObject({
  username,
  externalId: externalId.optional(),
  email: email.optional(),
  emailVerified: z.boolean().default(false),
  displayName: line({ min: 1, max: limits.displayName }).optional(),
  passwordHash: z.string().max(512).optional(),
});

export const importUsers = operation({
  name: 'admin.importUsers',
  summary:
    'Import people: one JSON object a line (username, externalId, email, emailVerified, displayName, passwordHash). Can be repeated.',
  http: { method: 'POST', path: '/admin/users/import', status: 200, file: 'lines' },
  access: 'admin',
  scope: 'users:import',
  input: z.strictObject({
    dryRun: z.boolean().default(false).meta({ description: 'only say what would be done' }),
    fromLine: z.int().min(1).default(1).meta({ description: 'leave out the lines before' }),
  }),
  output: z
    .object({
      read: counter,
      created: counter,
      existing: counter.meta({ description: 'people who were there already, by external id, or by username and address' }),
      refused: z.array(z.object({ line: z.int(), code: z.string(), error: z.string(), details: z.unknown() })),
      stoppedAt: z.int().optional().meta({ description: 'too much was refused: correct it, and go on from this line' }),
    })
    .meta({ id: 'ImportReport' }),
  errors: [],
});
