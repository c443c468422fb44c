import type { Instant } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { type PostingSnapshot, postingObstacle } from '../messages/message.ts';

/** In seconds: how long a typing signal lasts unless it is repeated, and how often a repetition is passed on. */
const LASTS = 6;
const REPEATED_AFTER = 3;

/** Typing is shown only for members who may post. For others it is dropped without an error. */
const isShown = (snapshot: PostingSnapshot, now: Instant): boolean => postingObstacle(snapshot, now) === undefined;

/** In a small conversation typing is for every member, so that lists can show it; in a larger one for those who watch it. */
const isForAll = (memberCount: number): boolean => memberCount <= limits.typingMembers;

export const Typing = { isForAll, isShown, LASTS, REPEATED_AFTER };
