import { defineAuditActions } from '../audit/audit-action.ts';

/** What is done with recurring jobs. */
export const jobActions = defineAuditActions({
  job_run_ordered: { did: 'had a recurring job of the deployment run at once', target: 'account', details: { job: 'text' } },
});
