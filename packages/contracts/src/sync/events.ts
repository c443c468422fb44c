import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { counter, id } from '../kernel/types.ts';

export const syncRequired = event('sync:required', 'Events were skipped: ask sync for what was missed.', {
  reason: z.enum(['overflow', 'recovered', 'reset']),
  conversationIds: z.array(id('conversation')).optional().meta({ description: 'the conversations concerned; absent: all' }),
});

export const heads = event('heads', 'Current versions of conversations, or of your own feed: ask sync for what you do not have.', {
  conversations: z.array(z.tuple([id('conversation'), counter, counter])).meta({ description: '[id, version, receiptsVersion]' }),
  userVersion: counter.optional().meta({ description: 'of your own feed' }),
});
