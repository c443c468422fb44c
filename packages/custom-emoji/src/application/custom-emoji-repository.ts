import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import { token } from '@coucou/application/kernel/token';
import type { CustomEmoji } from '../domain/custom-emoji.ts';

/** The custom emoji of the unit of work's account. */
export interface CustomEmojiRepository {
  /** By name. A cursor of another list throws `CURSOR_INVALID`. */
  list(page: PageRequest): Promise<Page<CustomEmoji>>;
  /** Until the unit of work ends, no other one adds or changes emoji of the account. */
  lock(name: string): Promise<CustomEmoji | undefined>;
  count(): Promise<number>;
  put(emoji: CustomEmoji): Promise<void>;
  remove(name: string): Promise<boolean>;
}
export const CustomEmojis = token<CustomEmojiRepository>('CustomEmojis');
