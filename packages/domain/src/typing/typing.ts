import { may } from '../conversations/permissions.ts';
import type { Instant } from '../kernel/ids.ts';
import { isPast } from '../kernel/time.ts';
import type { PostingSnapshot } from '../messages/message.ts';

/** In seconds: how long typing lasts unless it is said again, and how often saying it again is passed on. */
const LASTS = 6;
const REPEATED_AFTER = 3;

/** Only somebody who may post is shown typing; the others are not told that they are not. */
const isTold = ({ type, settings, blocked, suspended, member }: PostingSnapshot, now: Instant): boolean =>
  !blocked &&
  !suspended &&
  member !== undefined &&
  may(type, member.role, settings.announcementsOnly ? 'announce' : 'post') &&
  (member.postingMutedUntil === undefined || isPast(member.postingMutedUntil, now));

export const Typing = { isTold, LASTS, REPEATED_AFTER };
