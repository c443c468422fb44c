import { z } from 'zod';
import { id, time } from '../kernel/types.ts';

export const User = z
  .object({
    id: id('user'),
    username: z.string().meta({ examples: ['alice'] }),
    displayName: z.string().meta({ examples: ['Alice Martin'] }),
    avatarUrl: z.string().optional(),
    bio: z.string().optional(),
    custom: z.record(z.string(), z.unknown()).optional(),
    role: z.enum(['owner', 'admin', 'member', 'guest']),
    guest: z.boolean().optional(),
    createdAt: time,
    lastSeenAt: time.optional(),
    email: z.string().optional().meta({ description: 'visible to the user and to admins only' }),
    emailVerified: z.boolean().optional().meta({ description: 'visible to the user and to admins only' }),
  })
  .meta({ id: 'User' });
