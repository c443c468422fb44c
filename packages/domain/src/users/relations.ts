import { userErrors } from './user.ts';

/** What two people are to each other, as facts; `self` when they are one. */
export type Standing = Readonly<{
  self: boolean;
  /** The one who acts blocked the other. */
  blocks: boolean;
  /** The other blocked the one who acts. */
  blockedBy: boolean;
  friends: boolean;
  /** Both are members of some conversation now. */
  fellows: boolean;
}>;

/** The one relation that decides: a block outweighs whatever else two people are to each other. */
export type Relation = 'self' | 'blockedBy' | 'blocks' | 'friend' | 'fellow' | 'stranger';

export const relations: readonly Relation[] = ['self', 'friend', 'fellow', 'stranger', 'blocks', 'blockedBy'];

/** Where one person reaches for another. */
export type Surface =
  /** Opening a direct conversation that is not there yet. */
  | 'directConversation'
  /** Posting in the direct conversation of the two. */
  | 'message'
  | 'invite'
  | 'addToGroup'
  | 'friendRequest'
  | 'presence'
  | 'typing'
  | 'receipts'
  | 'search'
  | 'mention'
  | 'profile';

const unblocked: readonly Relation[] = ['friend', 'fellow', 'stranger'];
const acquainted: readonly Relation[] = ['self', 'friend', 'fellow'];

/** Who may reach whom, and where. Every surface asks this table; none has a rule of its own about blocks. */
export const reach: Readonly<Record<Surface, readonly Relation[]>> = {
  directConversation: unblocked,
  message: unblocked,
  invite: unblocked,
  addToGroup: unblocked,
  friendRequest: ['fellow', 'stranger'],
  presence: acquainted,
  typing: acquainted,
  receipts: acquainted,
  search: ['self', ...unblocked],
  mention: acquainted,
  // Those who blocked someone see whom they blocked, or they could not tell whom to let back in.
  profile: ['self', ...unblocked, 'blocks'],
};

function relationOf({ self, blocks, blockedBy, friends, fellows }: Standing): Relation {
  if (self) return 'self';
  if (blockedBy) return 'blockedBy';
  if (blocks) return 'blocks';
  if (friends) return 'friend';
  return fellows ? 'fellow' : 'stranger';
}

const allows = (surface: Surface, standing: Standing): boolean => reach[surface].includes(relationOf(standing));

/** The answer is the one for an id that nobody has: nobody is told of a block. */
function requireAllowed(surface: Surface, standing: Standing): void {
  if (!allows(surface, standing)) throw userErrors.USER_NOT_FOUND();
}

const strangers: Standing = { self: false, blocks: false, blockedBy: false, friends: false, fellows: false };

export const Relations = { relationOf, allows, requireAllowed, strangers };
