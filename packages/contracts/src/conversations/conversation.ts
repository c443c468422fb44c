import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { counter, id, time } from '../kernel/types.ts';
import { Message } from '../messages/message.ts';
import { User } from '../users/user.ts';

export const MemberRole = z.enum(['owner', 'admin', 'moderator', 'member']);
export const Visibility = z.enum(['private', 'public']);
export const ConversationSettings = z.object({
  history: z.enum(['all', 'joined']).meta({ description: '"joined" shows a member only what came after they joined' }),
  announcementsOnly: z.boolean().meta({ description: 'only owners and admins post' }),
  slowModeSeconds: z.int().min(0).max(limits.slowModeSeconds).meta({ description: 'seconds between two messages of one member; 0 is off' }),
});

/** The fields that are the same for every member; events carry these. */
export const SharedConversation = z
  .object({
    id: id('conversation'),
    type: z.enum(['direct', 'group']),
    title: z.string().optional(),
    description: z.string().optional(),
    avatarUrl: z.string().optional(),
    visibility: Visibility,
    custom: z.record(z.string(), z.unknown()).optional(),
    settings: ConversationSettings,
    status: z.enum(['open', 'pending', 'resolved']).optional(),
    assigneeId: id('user').optional(),
    labels: z.array(z.string()).optional(),
    memberCount: counter,
    lastSeq: counter,
    firstSeq: z.int().min(1).meta({ description: 'the first message that is kept: drop what is held of those before it' }),
    version: counter,
    createdBy: id('user'),
    createdAt: time,
  })
  .meta({ id: 'SharedConversation' });

export const Unread = z.object({ messages: counter, mentions: counter }).meta({ id: 'Unread' });

/** The private part of a membership. */
export const Membership = z
  .object({
    role: MemberRole,
    joinedAt: time,
    readSeq: counter,
    deliveredSeq: counter,
    archived: z.boolean(),
    pinned: z.boolean(),
    mutedUntil: time.optional().meta({ description: 'no notifications until then; set by yourself' }),
    notify: z.enum(['all', 'mentions', 'none']),
    unreadFromSeq: counter.optional().meta({ description: 'marked unread from here on' }),
  })
  .meta({ id: 'Membership' });

export const Conversation = SharedConversation.extend({
  lastMessage: Message.optional(),
  unread: Unread,
  membership: Membership,
  peer: User.optional().meta({ description: 'the other user of a direct conversation' }),
}).meta({ id: 'Conversation' });

/** To a new member, in an event: with nothing of what was written before. */
export const NewConversation = Conversation.omit({ lastMessage: true }).meta({ id: 'NewConversation' });

export const Member = z
  .object({
    userId: id('user'),
    user: User.optional(),
    role: MemberRole,
    joinedAt: time,
    deliveredSeq: counter.meta({
      description: 'marks merge by maximum; 0 where you may not see it, and where something else about the member changed',
    }),
    readSeq: counter,
    mutedUntil: time.optional().meta({ description: "the moderator's mute" }),
    leftAt: time.optional().meta({ description: 'set when the membership has ended; in sync only' }),
  })
  .meta({ id: 'Member' });
