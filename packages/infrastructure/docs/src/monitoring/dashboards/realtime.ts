import { type Dashboard, max, of, query, quantile, quantiles, rate, sum } from '../panels.ts';

export const realtime: Dashboard = {
  uid: 'coucou-realtime',
  title: 'Coucou: real time',
  rows: [
    {
      title: 'Connections',
      panels: [
        {
          title: 'Sockets by node and transport',
          unit: 'short',
          isStacked: true,
          queries: [query('{{instance}}, {{transport}}', sum(of('coucou_sockets'), 'instance, transport'))],
        },
        { title: 'Unauthenticated connections', unit: 'short', queries: [query('{{instance}}', of('coucou_unauthenticated_connections'))] },
        {
          title: 'Sockets closed by reason',
          unit: 'eps',
          queries: [query('{{reason}}', sum(rate('coucou_sockets_ended_total'), 'reason'))],
        },
        {
          title: 'Handshakes and connections rejected',
          unit: 'eps',
          queries: [
            query(
              '{{policy}}',
              sum(rate('coucou_limits_refused_total', 'policy=~"admission|connections|handshakes|unauthenticated"'), 'policy'),
            ),
          ],
        },
        {
          title: 'Outgoing buffers',
          unit: 'bytes',
          queries: [
            query('all', sum(of('coucou_outgoing_buffer_bytes', 'of="all"'))),
            query('furthest behind', max(of('coucou_outgoing_buffer_bytes', 'of="largest"'))),
          ],
        },
        {
          title: 'Slow consumers disconnected',
          unit: 'eps',
          queries: [query('{{instance}}', sum(rate('coucou_sockets_ended_total', 'reason="slow_consumer"'), 'instance'))],
        },
      ],
    },
    {
      title: 'Delivery',
      panels: [
        {
          title: 'Events',
          unit: 'eps',
          queries: [
            query('announced', sum(rate('coucou_events_announced_total'))),
            query('delivered over {{transport}}', sum(rate('coucou_events_delivered_total'), 'transport')),
          ],
        },
        {
          title: 'Fan-out (connections per event)',
          unit: 'short',
          queries: [query('connections', `${sum(rate('coucou_events_delivered_total'))} / ${sum(rate('coucou_events_announced_total'))}`)],
        },
        { title: 'Delivery lag (from commit)', unit: 's', queries: quantiles('coucou_delivery_lag_seconds') },
        {
          title: 'Delivery lag by node (p99)',
          unit: 's',
          queries: [query('{{instance}}', quantile(0.99, 'coucou_delivery_lag_seconds', 'instance'))],
        },
        { title: 'Conversations with held events', unit: 'short', queries: [query('{{instance}}', of('coucou_rooms_held'))] },
        {
          title: 'Calls over sockets',
          unit: 'ops',
          queries: [query('{{transport}}', sum(rate('coucou_calls_total', 'transport!="http"'), 'transport'))],
        },
      ],
    },
    {
      title: 'Between nodes',
      panels: [
        { title: 'Events between nodes', unit: 'eps', queries: [query('{{outcome}}', sum(rate('coucou_node_events_total'), 'outcome'))] },
        {
          title: 'Envelopes ignored or missing',
          unit: 'eps',
          queries: [query('{{outcome}}', sum(rate('coucou_node_envelopes_total'), 'outcome'))],
        },
        { title: 'Redis outages', unit: 'short', queries: [query('{{instance}}, times', of('coucou_redis_outages_total'))] },
      ],
    },
  ],
};
