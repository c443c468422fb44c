import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ReadLine } from '@coucou/application/exchange/import-account';
import * as contracts from '@coucou/contracts/exchange/lines';
import { readLines } from '@coucou/features/exchange/read-lines';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { guides } from './guide-run.ts';

/** The guide "import and export" against the schemas of the lines. */
let page: string;
beforeAll(async () => {
  page = await readFile(path.join(guides, 'import-and-export.md'), 'utf8');
});

const schemas = Object.values(contracts).filter((schema) => schema instanceof z.ZodObject) as z.ZodObject[];
const typeOf = ({ shape }: z.ZodObject) => (shape['type'] as z.ZodLiteral<string>).value;

describe('the format of an export', () => {
  it('is that of the example', async () => {
    const [, example = ''] = /```json lines\n([\s\S]*?)```/.exec(page) ?? [];
    const read: ReadLine[] = [];
    for await (const line of readLines(Readable.from([example]))) read.push(line);
    expect(read.filter((line) => 'fault' in line)).toEqual([]);
    const shown = read.map((line) => ('value' in line ? line.value.type : undefined));
    expect(new Set(['header', ...shown])).toEqual(new Set(schemas.map(typeOf)));
  });

  it.each(schemas.map((schema) => [typeOf(schema), Object.keys(schema.shape).join(' '), schema] as const))(
    'is told field by field: %s %s',
    (type, _fields, schema) => {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${type}\` |`)) ?? '';
      const said = new Set([...row.matchAll(/`(\w+)`/g)].map(([, field]) => field));
      expect(Object.keys(schema.shape).filter((field) => field !== 'type' && !said.has(field))).toEqual([]);
      const optional = Object.entries(schema.shape).filter(([, field]) => z.safeParse(field, undefined).success);
      expect(optional.filter(([field]) => !row.includes(`*\`${field}\`*`)).map(([field]) => field)).toEqual([]);
    },
  );
});
