import { operation } from '@coucou/contracts/kernel/operation';
import { counter, id, page, pageInput } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { corporateNumberLimits } from '../domain/limits.ts';
import { CorporateNumber, COUNTRY, country, e164, label, userId, WRITTEN, writtenNumber } from './corporate-number.ts';

const corporateNumberId = id('corporateNumber');

export const listCorporateNumbers = operation({
  name: 'admin.listCorporateNumbers',
  summary: 'The phone numbers of the account, in their order.',
  http: { method: 'GET', path: '/admin/corporate-numbers', status: 200 },
  access: 'admin',
  scope: 'corporate-numbers:read',
  input: z.strictObject({
    prefix: z
      .string()
      .regex(/^\+?[1-9]\d{0,14}$/, { error: 'must be the first digits of a number in E.164' })
      .optional()
      .meta({ description: 'the first digits in E.164, with or without the plus', examples: ['4930'] }),
    userId: userId.optional(),
    ...pageInput,
  }),
  output: page(CorporateNumber),
  errors: ['CURSOR_INVALID'],
});

export const getCorporateNumber = operation({
  name: 'admin.getCorporateNumber',
  summary: 'One phone number of the account.',
  http: { method: 'GET', path: '/admin/corporate-numbers/:corporateNumberId', status: 200 },
  access: 'admin',
  scope: 'corporate-numbers:read',
  input: z.strictObject({ corporateNumberId }),
  output: CorporateNumber,
  errors: ['CORPORATE_NUMBER_NOT_FOUND'],
});

export const createCorporateNumber = operation({
  name: 'admin.createCorporateNumber',
  summary: 'Add a phone number to the directory of the account.',
  http: { method: 'POST', path: '/admin/corporate-numbers', status: 201 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'corporate-numbers:write',
  input: z
    .strictObject({ number: writtenNumber, country: country.optional(), label: label.optional(), userId: userId.optional() })
    .meta({ examples: [{ number: '030 123456', country: 'DE', label: 'Sales' }] }),
  output: CorporateNumber,
  errors: ['CORPORATE_NUMBER_INVALID', 'CORPORATE_NUMBER_TAKEN', 'USER_NOT_FOUND'],
});

export const updateCorporateNumber = operation({
  name: 'admin.updateCorporateNumber',
  summary: 'Change the label or the person of a phone number; null clears a field, an absent field is unchanged.',
  http: { method: 'PATCH', path: '/admin/corporate-numbers/:corporateNumberId', status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'corporate-numbers:write',
  input: z.strictObject({ corporateNumberId, label: label.nullable().optional(), userId: userId.nullable().optional() }),
  output: CorporateNumber,
  errors: ['CORPORATE_NUMBER_NOT_FOUND', 'USER_NOT_FOUND'],
});

export const deleteCorporateNumber = operation({
  name: 'admin.deleteCorporateNumber',
  summary: 'Remove a phone number from the directory of the account.',
  http: { method: 'DELETE', path: '/admin/corporate-numbers/:corporateNumberId', status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'corporate-numbers:write',
  input: z.strictObject({ corporateNumberId }),
  errors: ['CORPORATE_NUMBER_NOT_FOUND'],
});

/** A number or country that is none is an answer for its row; the rest of a file is worth having all the same. */
const row = z.strictObject({
  number: z.string().meta({ description: WRITTEN, examples: ['+49 30 123456'] }),
  country: z
    .string()
    .optional()
    .meta({ description: COUNTRY, examples: ['DE'] }),
  label: label.optional(),
  userId: userId.optional(),
});

const importedRow = z.object({
  status: z
    .enum(['created', 'existing', 'invalid'])
    .meta({ description: 'existing: it was there, or in an earlier row, and stays as it is' }),
  id: corporateNumberId.optional(),
  number: e164.optional(),
  refused: z
    .object({
      code: z.string().meta({ examples: ['CORPORATE_NUMBER_INVALID'] }),
      error: z.string(),
      details: z.unknown().meta({ examples: [{ fault: 'country_missing' }] }),
    })
    .optional()
    .meta({ description: 'why it is invalid' }),
});

export const importCorporateNumbers = operation({
  name: 'admin.importCorporateNumbers',
  summary: 'Add many phone numbers at once: all rows that are good, or none after a failure. Can be repeated.',
  http: { method: 'POST', path: '/admin/corporate-numbers/import', status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'corporate-numbers:write',
  input: z
    .strictObject({ numbers: z.array(row).min(1).max(corporateNumberLimits.rows) })
    .meta({ examples: [{ numbers: [{ number: '030 123456', country: 'DE', label: 'Sales' }, { number: '+33 1 23 45 67 89' }] }] }),
  output: z
    .object({
      created: counter,
      existing: counter,
      invalid: counter,
      items: z.array(importedRow).meta({ description: 'one for each row, in their order' }),
    })
    .meta({ id: 'CorporateNumberImport' }),
  errors: [],
});

export const checkCorporateNumber = operation({
  name: 'corporateNumbers.check',
  summary: `Whether a phone number is one of your own account, such as that of who calls. At most ${corporateNumberLimits.checks.perPerson} in ten minutes.`,
  http: { method: 'GET', path: '/corporate-numbers/check', status: 200 },
  access: 'user',
  input: z.strictObject({ number: writtenNumber, country: country.optional() }),
  output: z
    .object({
      number: e164,
      isCorporate: z.boolean(),
      label: z
        .string()
        .optional()
        .meta({ examples: ['Sales'] }),
      userId: userId.optional(),
    })
    .meta({ id: 'CheckedNumber' }),
  errors: ['CORPORATE_NUMBER_INVALID'],
});
