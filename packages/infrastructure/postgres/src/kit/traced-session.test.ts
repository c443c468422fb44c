import { expect, it } from 'vitest';
import { summaryOf } from './traced-session.ts';

it.each([
  ['select "m"."id", "m"."content" from "message" as "m" where "m"."id" = $1', 'select message'],
  ['insert into "outbox" ("id") values ($1)', 'insert outbox'],
  ['update "app_user" set "name" = $1', 'update app_user'],
  ['with due as (select id from outbox limit 1) delete from outbox', 'select outbox'],
  ['select 1', 'select'],
  ["begin read only; set local app.account_id = '0192'", 'begin'],
  ['commit', 'commit'],
  ['', 'statement'],
])('calls %j %s', (text, summary) => {
  expect(summaryOf(text)).toBe(summary);
});
