import { bind } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import * as useCases from './application/custom-emoji.ts';
import * as contracts from './contracts/operations.ts';
import { customEmojiActions } from './domain/audit-actions.ts';
import { customEmojiErrors } from './domain/custom-emoji.ts';
import { presentAllEmoji, presentEmoji } from './presenters.ts';
import { customEmojiStorage } from './storage/custom-emoji-storage.ts';

/** The images of an account by shortcode, so that all of its clients draw the same ones. */
export const customEmojiFeature = feature({
  name: 'customEmoji',
  operations: [
    bind(contracts.listEmoji, useCases.listEmoji, presentAllEmoji),
    bind(contracts.putEmoji, useCases.putEmoji, presentEmoji),
    bind(contracts.deleteEmoji, useCases.deleteEmoji, () => {}),
  ],
  auditActions: [customEmojiActions],
  errors: [customEmojiErrors],
  storage: customEmojiStorage,
});
