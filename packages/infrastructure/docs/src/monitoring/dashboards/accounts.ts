import { type Dashboard, query, rare, rate, sum, type Table } from '../panels.ts';

/** Columns that the login of deploy/grafana/accounts.sql may read: ids, names and times of accounts, and no content. */
const perAccount: Table = {
  title: 'Accounts, by number of messages',
  units: { bytes: 'bytes' },
  sql: `select a.name as account, a.client_key as "client key", a.created_at as created, a.suspended_at as suspended,
  p.people, p.seen_in_a_day as "seen in a day", p.seen_in_a_month as "seen in a month",
  c.conversations, c.messages, f.files, f.bytes, o.due as "side effects due", o.dead as "dead letters"
from account a
cross join lateral (
  select count(*) as people,
    count(*) filter (where last_seen_at > clock_now() - interval '1 day') as seen_in_a_day,
    count(*) filter (where last_seen_at > clock_now() - interval '30 days') as seen_in_a_month
  from app_user where account_id = a.account_id and deleted_at is null) p
cross join lateral (
  select count(*) as conversations, coalesce(sum(last_seq), 0) as messages
  from conversation_head where account_id = a.account_id) c
cross join lateral (
  select count(*) as files, coalesce(sum(size), 0) as bytes
  from attachment where account_id = a.account_id and status = 'ready') f
cross join lateral (
  select count(*) filter (where dead_at is null and due_at < clock_now()) as due, count(*) filter (where dead_at is not null) as dead
  from outbox where account_id = a.account_id) o
order by c.messages desc, a.name
limit 200`,
};

export const accounts: Dashboard = {
  uid: 'coucou-accounts',
  title: 'Coucou: accounts',
  // Counting takes longer than reading a metric.
  refresh: '5m',
  rows: [
    { title: 'By account', tables: [perAccount] },
    {
      title: 'Sign-ins, all accounts',
      panels: [
        { title: 'Logins by outcome', unit: 'eps', queries: [query('{{outcome}}', sum(rate('coucou_logins_total'), 'outcome'))] },
        {
          title: 'Logins by method',
          unit: 'eps',
          queries: [query('{{operation}}', sum(rate('coucou_logins_total'), 'operation'))],
        },
        {
          title: 'Refreshes by outcome',
          unit: 'eps',
          queries: [query('{{outcome}}', sum(rate('coucou_session_refreshes_total'), 'outcome'))],
        },
        {
          title: 'Sessions revoked by reason',
          unit: 'eps',
          queries: [query('{{reason}}', sum(rate('coucou_sessions_revoked_total'), 'reason'))],
        },
        {
          title: 'Rejected by limits',
          unit: 'eps',
          queries: [rare('a limit refuses', '{{policy}}', sum(rate('coucou_limits_refused_total'), 'policy'))],
        },
        {
          title: 'Calls of operators and admins',
          unit: 'ops',
          queries: [
            rare(
              'an admin does something',
              '{{operation}}',
              `topk(10, ${sum(rate('coucou_calls_total', 'operation=~"admin[.].*"'), 'operation')})`,
            ),
          ],
        },
      ],
    },
  ],
};
