import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { counter, customData, givenTime, id, idList, line, text, time } from '../kernel/types.ts';
import { lifetime, mentions } from '../messages/send-message.ts';

const type = z.enum(['text', 'image', 'file', 'custom']);
const timeZone = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: 'of the IANA time zone database', examples: ['Europe/Berlin'] });

export const ScheduledMessage = z
  .object({
    id: id('scheduledMessage'),
    conversationId: id('conversation'),
    senderId: id('user'),
    status: z.enum(['scheduled', 'sending', 'failed']).meta({
      description: '`sending` lasts a moment, and longer when a server dies meanwhile; `failed` is not tried again until it is changed',
    }),
    sendAt: time.meta({ description: 'when it is sent, or the next time; of a failed one when it was tried last' }),
    recurrence: z
      .object({
        rrule: z.string().meta({ examples: ['FREQ=WEEKLY;BYDAY=MO'] }),
        timeZone: z.string().meta({ examples: ['Europe/Berlin'] }),
        startsAt: time,
      })
      .optional()
      .meta({ description: 'absent: it is sent once' }),
    type,
    content: z.string().optional(),
    data: z.record(z.string(), z.unknown()).optional(),
    replyToId: id('message').optional(),
    threadRootId: id('message').optional(),
    attachmentIds: z.array(id('attachment')).optional(),
    mentions: z.array(z.string()).optional().meta({ description: 'user ids, and "@all"' }),
    expiresInSeconds: z.int().optional(),
    refusals: counter.optional().meta({ description: 'how often in a row it was refused; absent: not the last time' }),
    refusal: z
      .string()
      .optional()
      .meta({ description: 'the code of the error that the last attempt was refused with', examples: ['POSTING_NOT_ALLOWED'] }),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'ScheduledMessage' });

/** What is sent when. Whether it may be said is checked now, and again when it is sent. */
export const scheduledInput = {
  type: type.default('text'),
  content: text({ min: 1, max: limits.messageText }).optional(),
  data: customData.optional(),
  replyToId: id('message').optional(),
  threadRootId: id('message').optional(),
  attachmentIds: idList('attachment', limits.attachments).optional(),
  mentions: mentions.optional(),
  expiresInSeconds: lifetime.optional(),
  sendAt: givenTime.meta({
    description: `when to send it, at most ${limits.scheduled.aheadSeconds / 86_400} days ahead; up to ${limits.scheduled.skewSeconds} seconds past is now. With a recurrence, where that starts`,
  }),
  recurrence: z
    .strictObject({
      rrule: line({ min: 1, max: limits.scheduled.rule }).meta({
        description: 'the value of an RRULE of RFC 5545, hourly or less often',
        examples: ['FREQ=WEEKLY;BYDAY=MO'],
      }),
      timeZone,
    })
    .optional(),
};

/** Of a message itself, and of when it is to be sent. */
export const scheduledInputErrors = [
  'CONVERSATION_NOT_FOUND',
  'POSTING_NOT_ALLOWED',
  'USER_SUSPENDED',
  'USER_MUTED',
  'MESSAGE_NOT_FOUND',
  'ATTACHMENT_NOT_FOUND',
  'MENTION_INVALID',
  'SEND_AT_INVALID',
  'RECURRENCE_INVALID',
  'RECURRENCE_TOO_FREQUENT',
  'TIME_ZONE_UNKNOWN',
] as const;
