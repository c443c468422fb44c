import { z } from 'zod';

const httpsUrl = z.string().meta({ format: 'uri', examples: ['https://example.com/news'] });

/** What the pages say that a message links to: filled in after it was sent, in the order of its links. */
export const LinkPreviews = z.array(
  z
    .object({
      url: httpsUrl.meta({ description: 'the link, without its fragment' }),
      title: z.string().meta({ examples: ['What is new'] }),
      description: z
        .string()
        .optional()
        .meta({ examples: ['All that changed this month.'] }),
      siteName: z
        .string()
        .optional()
        .meta({ examples: ['Example'] }),
      imageUrl: httpsUrl.optional().meta({
        description: 'a picture at a server of somebody else, who learns the address of whoever loads it',
        examples: ['https://example.com/news.png'],
      }),
    })
    .meta({ id: 'LinkPreview' }),
);
