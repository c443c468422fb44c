import { operation } from '@coucou/contracts/kernel/operation';
import { httpUrl, page, pageInput, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { emojiName } from '../domain/limits.ts';

const name = z
  .string()
  .regex(emojiName, { error: 'must be 1 to 30 of a-z, 0-9, _, + and -' })
  .meta({ description: 'the shortcode without its colons', examples: ['party-parrot'] });

const EmojiShape = z
  .object({
    name: z.string().meta({ examples: ['party-parrot'] }),
    shortcode: z.string().meta({ description: 'as reactions have it, and texts may', examples: [':party-parrot:'] }),
    imageUrl: z.string().meta({ examples: ['https://example.com/a.png'] }),
    createdAt: time,
  })
  .meta({ id: 'CustomEmoji' });

export const listEmoji = operation({
  name: 'emoji.list',
  summary: 'The custom emoji of the account, by name.',
  http: { method: 'GET', path: '/emoji', status: 200 },
  access: 'user',
  input: z.strictObject({ ...pageInput }),
  output: page(EmojiShape),
  errors: ['CURSOR_INVALID'],
});

export const putEmoji = operation({
  name: 'admin.putEmoji',
  summary: 'Add a custom emoji to the account, or give one another image.',
  http: { method: 'PUT', path: '/admin/emoji/:name', status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'emoji:write',
  input: z.strictObject({ name, imageUrl: httpUrl }),
  output: EmojiShape,
  errors: ['EMOJI_LIMIT_REACHED'],
});

export const deleteEmoji = operation({
  name: 'admin.deleteEmoji',
  summary: 'Delete a custom emoji. Reactions with it stay, and clients show them as text.',
  http: { method: 'DELETE', path: '/admin/emoji/:name', status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'emoji:write',
  input: z.strictObject({ name }),
  errors: ['EMOJI_NOT_FOUND'],
});
