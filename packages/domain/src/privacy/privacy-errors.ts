import { defineErrors } from '../kernel/errors.ts';

export const privacyErrors = defineErrors('', {
  EXPORT_IN_PROGRESS: ['conflict', 'An export of this data is being made already; wait until it has ended.'],
});
