import type { UserId } from '../kernel/ids.ts';

/** Where one user reaches another, or sees something of them. */
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
  /** Finding the person. */
  | 'search'
  /** Finding what the person wrote. */
  | 'messageSearch'
  | 'mention'
  /** Being notified of what the person did: a mention, a reply, an addition to a group. */
  | 'notification'
  | 'profile'
  /** Receiving changes of the profile as they happen. */
  | 'profileUpdate';

/** `blocks`: the one who acts or looks blocked the other; `blockedBy`: the other blocked them. */
export type BlockDirection = 'blocks' | 'blockedBy';
export type BlockVerdict = 'allowed' | 'hidden';

const hidden = { blocks: 'hidden', blockedBy: 'hidden' } as const;

/**
 * What a block does: the only table of it. Code asks it through `BlockRules`; SQL repeats it as "a block between the two, in either direction"
 * for those surfaces that are mutual, and for no others.
 */
export const blockRules = {
  directConversation: hidden,
  message: hidden,
  invite: hidden,
  addToGroup: hidden,
  friendRequest: hidden,
  presence: hidden,
  typing: hidden,
  receipts: hidden,
  search: hidden,
  messageSearch: hidden,
  mention: hidden,
  notification: hidden,
  // The blocker sees the profile, to be able to unblock.
  profile: { blocks: 'allowed', blockedBy: 'hidden' },
  profileUpdate: hidden,
} as const satisfies Readonly<Record<Surface, Readonly<Record<BlockDirection, BlockVerdict>>>>;

type Rules = typeof blockRules;

/** Surfaces with the same verdict in both directions: that there is a block is all that has to be known. */
export type MutualSurface = { [S in Surface]: Rules[S]['blocks'] extends Rules[S]['blockedBy'] ? S : never }[Surface];

/** The blocks between two people, seen from the one who acts or looks. */
export type BlocksBetween = Readonly<Record<BlockDirection, boolean>>;

/** Where both blocked each other, both directions have to allow it. */
function allows(surface: Surface, { blocks, blockedBy }: BlocksBetween): boolean {
  const rule: Readonly<Record<BlockDirection, BlockVerdict>> = blockRules[surface];
  return !(blocks && rule.blocks === 'hidden') && !(blockedBy && rule.blockedBy === 'hidden');
}

/** `blocked`: there is a block between the two, in either direction. */
const allowsMutually = (surface: MutualSurface, blocked: boolean): boolean => allows(surface, { blocks: blocked, blockedBy: blocked });

/** Of the users with a block in either direction, those from whom the surface is hidden. */
const hiddenFrom = (surface: MutualSurface, blockedWith: readonly UserId[]): readonly UserId[] =>
  allowsMutually(surface, true) ? [] : blockedWith;

export const BlockRules = { allows, allowsMutually, hiddenFrom };
