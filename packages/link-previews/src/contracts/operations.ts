import { operation } from '@coucou/contracts/kernel/operation';
import { z } from 'zod';

const Policy = z
  .object({ enabled: z.boolean().meta({ description: 'whether the server reads the pages that messages link to' }) })
  .meta({ id: 'LinkPreviewPolicy' });

export const getLinkPreviews = operation({
  name: 'admin.getLinkPreviews',
  summary: 'Whether the account has link previews.',
  http: { method: 'GET', path: '/admin/link-previews', status: 200 },
  access: 'admin',
  scope: 'settings:read',
  input: z.strictObject({}),
  output: Policy,
  errors: [],
});

export const putLinkPreviews = operation({
  name: 'admin.putLinkPreviews',
  summary: 'Switch link previews on or off. They are off at first: with them this server calls the addresses that people write.',
  http: { method: 'PUT', path: '/admin/link-previews', status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'settings:write',
  input: z.strictObject({ enabled: z.boolean() }),
  output: Policy,
  errors: [],
});
