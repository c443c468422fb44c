import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { id } from '../kernel/types.ts';

export const syncRequired = event('sync:required', 'Events were skipped: ask sync for what was missed.', {
  reason: z.enum(['overflow', 'recovered', 'reset']),
  conversationIds: z.array(id('conversation')).optional().meta({ description: 'the conversations concerned; absent: all' }),
});
