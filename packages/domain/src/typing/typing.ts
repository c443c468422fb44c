import type { Instant } from '../kernel/ids.ts';
import { type PostingSnapshot, postingObstacle } from '../messages/message.ts';

/** In seconds: how long a typing signal lasts unless it is repeated, and how often a repetition is passed on. */
const LASTS = 6;
const REPEATED_AFTER = 3;

/** Typing is shown only for members who may post. For others it is dropped without an error. */
const isShown = (snapshot: PostingSnapshot, now: Instant): boolean => postingObstacle(snapshot, now) === undefined;

export const Typing = { isShown, LASTS, REPEATED_AFTER };
