import type { Instant } from '../kernel/ids.ts';
import { Conversation, type Departure, type Member } from './conversation.ts';
import type { MemberChange } from './group.ts';

/** Somebody is gone for good: who takes over from them first, then their leaving; or the end of a group that has nobody else. */
export type Succession = Readonly<{ promotion: MemberChange | undefined; departure: Departure }> | Readonly<{ closed: Conversation }>;

/**
 * `owners`: how many are present, the one who goes among them. `heir`: who is next; undefined when nobody else is there. The last owner's
 * group passes to the heir. Of a direct conversation the other one keeps what was said.
 */
function succeed(conversation: Conversation, member: Member, owners: number, heir: Member | undefined, now: Instant): Succession {
  if (conversation.type === 'group' && heir === undefined)
    return {
      closed: { ...conversation, version: conversation.version + 1, accessVersion: conversation.accessVersion + 1, memberCount: 0 },
    };
  const promotion =
    conversation.type === 'group' && member.role === 'owner' && owners === 1 && heir ? promote(conversation, heir) : undefined;
  return { promotion, departure: Conversation.depart(promotion?.conversation ?? conversation, member, 'left', now) };
}

const promote = (conversation: Conversation, heir: Member): MemberChange => {
  const version = conversation.version + 1;
  return {
    conversation: { ...conversation, version, accessVersion: conversation.accessVersion + 1 },
    members: [{ ...heir, role: 'owner', version }],
  };
};

export const Succession = { succeed };
