import { id, line, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { corporateNumberLimits } from '../domain/limits.ts';

const EXAMPLE = '+4930123456';

/** A number as the server answers it. */
export const e164 = z.string().meta({ description: 'in E.164', examples: [EXAMPLE] });

/** Descriptions of the inputs `number` and `country`. */
export const WRITTEN = 'international, or with a country in the national format of that; a plus in a URL is written %2B';
export const COUNTRY = 'whose national format a number is in that is not international; ISO 3166-1 alpha-2';

/** Names what is no control character: a class of those needs a flag that most tools compile patterns without. */
export const writtenNumber = z
  .string()
  .min(1)
  .max(corporateNumberLimits.written)
  .regex(/^[ -~\u00a0-\uffff]+$/, { error: 'holds a control character' })
  .meta({ description: WRITTEN, examples: ['+49 30 123456'] });

export const country = z
  .string()
  .regex(/^[A-Za-z]{2}$/, { error: 'must be a code of ISO 3166-1 alpha-2, as in DE' })
  .meta({ description: COUNTRY, examples: ['DE'] });

export const label = line({ min: 1, max: corporateNumberLimits.label }).meta({ examples: ['Sales'] });

export const userId = id('user').meta({ description: 'id of a user: who is called by the number' });

export const CorporateNumber = z
  .object({
    id: id('corporateNumber'),
    number: e164,
    label: z
      .string()
      .optional()
      .meta({ examples: ['Sales'] }),
    userId: userId.optional(),
    createdAt: time,
  })
  .meta({ id: 'CorporateNumber' });
