import { z } from 'zod';
import { operation } from '../kernel/operation.ts';

export const exportMe = operation({
  name: 'users.exportMe',
  summary: 'Download everything that is held of you: a tar archive, compressed with gzip, of JSON and your files; one at a time.',
  http: { method: 'POST', path: '/users/me/export', status: 200, file: 'archive' },
  access: 'user',
  whileUnproven: true,
  input: z.strictObject({}),
  errors: ['EXPORT_IN_PROGRESS'],
});
