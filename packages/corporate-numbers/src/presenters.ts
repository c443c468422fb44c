import type { Page } from '@coucou/application/conversations/conversation-reader';
import type { z } from 'zod';
import type { CheckedNumber } from './application/check-corporate-number.ts';
import { countsOf, type ImportedRow } from './application/import-corporate-numbers.ts';
import type { CorporateNumber as WireNumber } from './contracts/corporate-number.ts';
import type { checkCorporateNumber, importCorporateNumbers, listCorporateNumbers } from './contracts/operations.ts';
import type { CorporateNumber } from './domain/corporate-number.ts';

type Answer<Op extends { output?: z.ZodType | undefined }> = z.infer<NonNullable<Op['output']>>;

export const presentNumber = ({ id, number, label, userId, createdAt }: CorporateNumber): z.infer<typeof WireNumber> => ({
  id,
  number,
  label,
  userId,
  createdAt: createdAt.toISOString(),
});

export const presentNumbers = ({ items, nextCursor }: Page<CorporateNumber>): Answer<typeof listCorporateNumbers> => ({
  items: items.map(presentNumber),
  nextCursor: nextCursor ?? null,
});

export const presentImport = (rows: readonly ImportedRow[]): Answer<typeof importCorporateNumbers> => ({
  ...countsOf(rows),
  items: rows.map((row) => {
    if (row.status !== 'invalid') return { status: row.status, id: row.id, number: row.number };
    const { code, message, details } = row.refusal;
    return { status: row.status, refused: { code, error: message, details } };
  }),
});

export const presentChecked = ({ number, found }: CheckedNumber): Answer<typeof checkCorporateNumber> => ({
  number,
  isCorporate: found !== undefined,
  label: found?.label,
  userId: found?.userId,
});
