import { counter, id, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';

const optionId = z.string().meta({ examples: ['1'] });

/** What a message shows of its poll, the same for everybody. */
export const Poll = z
  .object({
    question: z.string().meta({ examples: ['Where do we go?'] }),
    options: z.array(z.object({ id: optionId, text: z.string().meta({ examples: ['The café'] }), votes: counter })),
    multiple: z.boolean().meta({ description: 'whether several options may be chosen' }),
    anonymous: z.boolean().meta({ description: 'whether votes are anonymous' }),
    closesAt: time.optional(),
    closed: z.boolean(),
  })
  .meta({ id: 'Poll' });

/** A poll as one person sees it. */
export const OwnPoll = z
  .object({
    messageId: id('message').meta({ description: 'the message that shows the poll; its id is the id of the poll' }),
    conversationId: id('conversation'),
    version: counter.meta({ description: "the conversation's version at the message's last change" }),
    poll: Poll,
    choice: z.array(optionId).meta({ description: 'your own choice; in responses only, never in events' }),
  })
  .meta({ id: 'OwnPoll' });
