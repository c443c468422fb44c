import { z } from 'zod';
import { operation } from '../kernel/operation.ts';

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of day as HH:MM')
  .meta({ examples: ['22:00'] });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const timeZone = z
  .string()
  .min(1)
  .max(64)
  .refine(isTimeZone, { error: 'is no IANA time zone' })
  .meta({ examples: ['Europe/Paris'] });

const locale = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'is no BCP 47 language tag')
  .meta({ examples: ['fr-CA'] });

export const Preferences = z
  .strictObject({
    locale: locale.optional(),
    theme: z.enum(['system', 'light', 'dark']).default('system'),
    notifications: z
      .strictObject({
        push: z.boolean().default(true),
        email: z.boolean().default(true),
        mentionsOnly: z.boolean().default(false),
        quietHours: z
          .strictObject({ from: timeOfDay, to: timeOfDay, timeZone })
          .optional()
          .meta({ description: 'no pushes between two times of day, which may span midnight; what is unread then comes after them' }),
        content: z
          .boolean()
          .optional()
          .meta({ description: 'false: pushes say that something is there, and not who wrote what; true where absent' }),
        digest: z
          .strictObject({ every: z.enum(['day', 'week']), at: timeOfDay, timeZone })
          .optional()
          .meta({ description: 'when a mail tells of what is unread, weekly on Mondays; every day at 08:00 where absent; needs `email`' }),
      })
      .default({ push: true, email: true, mentionsOnly: false }),
    readReceipts: z.boolean().default(true).meta({ description: 'false hides your read marks from others' }),
  })
  .meta({ id: 'Preferences' });

export const getPreferences = operation({
  name: 'preferences.get',
  summary: 'Your preferences, with defaults for what you never set.',
  http: { method: 'GET', path: '/users/me/preferences', status: 200 },
  access: 'user',
  input: z.strictObject({}),
  output: Preferences,
  errors: [],
});

export const putPreferences = operation({
  name: 'preferences.put',
  summary: 'Replace your preferences as a whole.',
  http: { method: 'PUT', path: '/users/me/preferences', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: Preferences,
  output: Preferences,
  errors: [],
});
