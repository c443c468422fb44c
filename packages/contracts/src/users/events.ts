import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { counter } from '../kernel/types.ts';

export const userEvent = event('user:event', "An entry of one's own feed, on all of one's devices.", {
  userVersion: counter,
  kind: z.string(),
  payload: z.record(z.string(), z.unknown()),
});
