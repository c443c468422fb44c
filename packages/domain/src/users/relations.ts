import { type BlockDirection, blockRules, BlockRules, type BlocksBetween, type Surface } from '../blocks/block-rules.ts';
import { userErrors } from './user.ts';

/** What two people are to each other, as facts, from the side of the one who acts; `self` when they are one. */
export type Standing = BlocksBetween &
  Readonly<{
    self: boolean;
    friends: boolean;
    /** Both are members of some conversation now. */
    fellows: boolean;
  }>;

type Unblocked = 'self' | 'friend' | 'fellow' | 'stranger';

/** The one relation that decides: a block outweighs whatever else two people are to each other. */
export type Relation = Unblocked | BlockDirection;

export const relations: readonly Relation[] = ['self', 'friend', 'fellow', 'stranger', 'blocks', 'blockedBy'];

const others: readonly Unblocked[] = ['friend', 'fellow', 'stranger'];
const everyone: readonly Unblocked[] = ['self', ...others];
const acquainted: readonly Unblocked[] = ['self', 'friend', 'fellow'];

/** Which relation may reach another user on which surface, without a block; `blockRules` says what a block does. */
const reach: Readonly<Record<Surface, readonly Unblocked[]>> = {
  directConversation: others,
  message: others,
  invite: others,
  addToGroup: others,
  friendRequest: ['fellow', 'stranger'],
  presence: acquainted,
  typing: acquainted,
  receipts: acquainted,
  search: everyone,
  messageSearch: everyone,
  mention: acquainted,
  notification: others,
  profile: everyone,
  profileUpdate: acquainted,
};

export const surfaces = Object.keys(reach) as readonly Surface[];

function relationOf({ self, blocks, blockedBy, friends, fellows }: Standing): Relation {
  if (self) return 'self';
  if (blockedBy) return 'blockedBy';
  if (blocks) return 'blocks';
  if (friends) return 'friend';
  return fellows ? 'fellow' : 'stranger';
}

const isBlock = (relation: Relation): relation is BlockDirection => relation === 'blocks' || relation === 'blockedBy';

const reaches = (surface: Surface, relation: Relation): boolean =>
  isBlock(relation) ? blockRules[surface][relation] === 'allowed' : reach[surface].includes(relation);

/** A user has no block with themselves. */
const allows = (surface: Surface, standing: Standing): boolean =>
  (standing.self || BlockRules.allows(surface, standing)) && reaches(surface, relationOf(standing));

/** Answers as for an unknown id, so that a block is not revealed. */
function requireAllowed(surface: Surface, standing: Standing): void {
  if (!allows(surface, standing)) throw userErrors.USER_NOT_FOUND();
}

const strangers: Standing = { self: false, blocks: false, blockedBy: false, friends: false, fellows: false };

export const Relations = { relationOf, reaches, allows, requireAllowed, strangers };
