import { memberChecks } from '../verify/member-checks.ts';
import { messageChecks } from '../verify/message-checks.ts';
import { peopleChecks } from '../verify/people-checks.ts';
import { schemaChecks } from '../verify/schema-checks.ts';
import { functions } from './functions/list.ts';
import { migrations } from './migrations/list.ts';
import { corePersonalData } from './personal/core.ts';
import type { SchemaSet } from './schema-set.ts';

/** What no message uses goes by itself, with its file. */
const files = `
  select a.account_id, k.key, 'attachment ' || a.id as what
  from attachment a cross join lateral (values (a.storage_key), (a.thumbnail_key)) k(key)
  where k.key is not null and (
    exists (select from attachment_use u where u.account_id = a.account_id and u.attachment_id = a.id)
    or exists (select from scheduled_message s where s.account_id = a.account_id and a.id = any(s.attachment_ids)))`;

/** The schema that every other rests on; feature packages bring sets of their own. */
export const coreSchema: SchemaSet = {
  name: 'coucou',
  migrations,
  functions,
  personalData: corePersonalData,
  checks: [...schemaChecks, ...messageChecks, ...memberChecks, ...peopleChecks],
  files,
};
