import { functions } from './functions/list.ts';
import { migrations } from './migrations/list.ts';
import { corePersonalData } from './personal/core.ts';
import type { SchemaSet } from './schema-set.ts';

/** The schema that every other rests on; feature packages bring sets of their own. */
export const coreSchema: SchemaSet = { name: 'coucou', migrations, functions, personalData: corePersonalData };
