import type { Instant } from '../kernel/ids.ts';
import { type PostingSnapshot, postingObstacle } from '../messages/message.ts';

/** In seconds: how long typing lasts unless it is said again, and how often saying it again is passed on. */
const LASTS = 6;
const REPEATED_AFTER = 3;

/** Typing is shown of those who may post. The others get no error: their typing goes nowhere. */
const isShown = (snapshot: PostingSnapshot, now: Instant): boolean => postingObstacle(snapshot, now) === undefined;

export const Typing = { isShown, LASTS, REPEATED_AFTER };
