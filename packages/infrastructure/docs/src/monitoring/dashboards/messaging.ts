import { type Dashboard, of, query, quantiles, rare, rate, sum } from '../panels.ts';

const hook = 'an account has a before-send hook';

export const messaging: Dashboard = {
  uid: 'coucou-messaging',
  title: 'Coucou: messaging',
  rows: [
    {
      title: 'Messages',
      panels: [
        {
          title: 'Messages by outcome',
          unit: 'eps',
          queries: [query('{{outcome}}', sum(rate('coucou_message_appends_total'), 'outcome'))],
        },
        { title: 'Send latency (acknowledgement)', unit: 's', queries: quantiles('coucou_message_send_duration_seconds') },
        {
          title: 'Acknowledged within 250 ms',
          unit: 'percentunit',
          queries: [
            query(
              'share',
              `${sum(rate('coucou_message_send_duration_seconds_bucket', 'le="0.25"'))} / ${sum(rate('coucou_message_send_duration_seconds_count'))}`,
            ),
          ],
        },
        { title: 'Commit latency of batches', unit: 's', queries: quantiles('coucou_message_append_duration_seconds') },
        { title: 'Batch size (messages)', unit: 'short', queries: quantiles('coucou_message_append_batch_messages') },
        { title: 'Messages queued for a batch', unit: 'short', queries: [query('{{instance}}', of('coucou_message_appends_waiting'))] },
        {
          title: 'Sends by status',
          unit: 'ops',
          queries: [query('{{status}}', sum(rate('coucou_calls_total', 'operation="messages.send"'), 'status'))],
        },
        {
          title: 'Before-send hooks by outcome',
          unit: 'eps',
          queries: [rare(hook, '{{outcome}}', sum(rate('coucou_before_send_calls_total'), 'outcome'))],
        },
        {
          title: 'Before-send hooks: circuit breakers',
          unit: 'eps',
          queries: [rare(hook, '{{state}}', sum(rate('coucou_before_send_breaker_total'), 'state'))],
        },
      ],
    },
    {
      title: 'Reading',
      panels: [
        { title: 'Syncs by outcome', unit: 'eps', queries: [query('{{outcome}}', sum(rate('coucou_syncs_total'), 'outcome'))] },
        {
          title: 'Sync resets by kind',
          unit: 'eps',
          queries: [rare('a copy cannot be led on', '{{of}}', sum(rate('coucou_sync_resets_total'), 'of'))],
        },
        {
          title: 'History and search',
          unit: 'ops',
          queries: [query('{{operation}}', sum(rate('coucou_calls_total', 'operation=~"messages[.](list|search.*)"'), 'operation'))],
        },
        {
          title: 'Cached answers by outcome',
          unit: 'ops',
          queries: [query('{{operation}}, {{outcome}}', sum(rate('coucou_cached_answers_total'), 'operation, outcome'))],
        },
        {
          title: 'Reads by server',
          unit: 'ops',
          queries: [
            rare('DATABASE_READ_URL names a standby', '{{server}}, {{reason}}', sum(rate('coucou_standby_reads_total'), 'server, reason')),
          ],
        },
        {
          title: 'Rejected by limits',
          unit: 'eps',
          queries: [
            rare('a limit refuses', '{{policy}}', sum(rate('coucou_limits_refused_total'), 'policy')),
            query('counted without Redis', sum(rate('coucou_limits_counted_here_total'))),
          ],
        },
      ],
    },
  ],
};
