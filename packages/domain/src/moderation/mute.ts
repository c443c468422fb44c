import { defineErrors } from '../kernel/errors.ts';

export const muteErrors = defineErrors('USER', {
  MUTED: ['forbidden', 'You cannot write at the moment; it ends by itself at the time given.'],
});
