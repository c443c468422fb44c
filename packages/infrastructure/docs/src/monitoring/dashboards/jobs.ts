import { type Dashboard, max, of, query, quantile, rare, rate, sum } from '../panels.ts';

export const jobs: Dashboard = {
  uid: 'coucou-jobs',
  title: 'Coucou: jobs',
  rows: [
    {
      title: 'Side effects',
      panels: [
        { title: 'Outbox: due events', unit: 'short', queries: [query('due', max(of('coucou_outbox_due_events')))] },
        { title: 'Outbox: lag', unit: 's', queries: [query('lag', max(of('coucou_outbox_lag_seconds')))] },
        { title: 'Outbox: dead letters', unit: 'short', queries: [query('dead', max(of('coucou_outbox_dead_letters')))] },
        {
          title: 'Outbox: events by outcome',
          unit: 'eps',
          queries: [query('{{outcome}}', sum(rate('coucou_outbox_events_total'), 'outcome'))],
        },
      ],
    },
    {
      title: 'Queues',
      panels: [
        {
          title: 'Waiting and running jobs',
          unit: 'short',
          queries: [
            query('{{queue}}, waiting', sum(of('coucou_queue_waiting_jobs'), 'queue')),
            query('{{queue}}, running', sum(of('coucou_queue_running_jobs'), 'queue')),
          ],
        },
        {
          title: 'Age of the oldest waiting job',
          unit: 's',
          queries: [query('{{queue}}', max(of('coucou_queue_oldest_seconds'), 'queue'))],
        },
        {
          title: 'Jobs by outcome',
          unit: 'eps',
          queries: [
            query('{{queue}}, {{outcome}}', sum(rate('coucou_queue_jobs_total'), 'queue, outcome')),
            query('kept here without Redis', sum(rate('coucou_queue_run_here_total'))),
          ],
        },
        {
          title: 'Job duration (p99)',
          unit: 's',
          queries: [query('{{queue}}', quantile(0.99, 'coucou_queue_job_duration_seconds', 'queue'))],
        },
        { title: 'Mails by outcome', unit: 'eps', queries: [query('{{outcome}}', sum(rate('coucou_mails_total'), 'outcome'))] },
        {
          title: 'Mail templates skipped',
          unit: 'eps',
          queries: [rare('a template is refused', 'mails', sum(rate('coucou_mail_templates_passed_over_total')))],
        },
      ],
    },
    {
      title: 'Recurring jobs',
      panels: [
        {
          title: 'Runs per minute',
          unit: 'cpm',
          queries: [query('{{schedule}}, {{outcome}}', `60 * ${sum(rate('coucou_job_runs_total'), 'schedule, outcome')}`)],
        },
        {
          title: 'Duration (p99)',
          unit: 's',
          queries: [query('{{schedule}}', quantile(0.99, 'coucou_job_duration_seconds', 'schedule'))],
        },
        { title: 'Overdue', unit: 's', queries: [query('{{schedule}}', max(of('coucou_job_overdue_seconds'), 'schedule'))] },
        {
          title: 'Attempts since the last success',
          unit: 'short',
          queries: [query('{{schedule}}', max(of('coucou_job_attempts'), 'schedule'))],
        },
      ],
    },
  ],
};
