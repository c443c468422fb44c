import { defineAuditActions } from '@coucou/domain/audit/audit-action';

export const billingActions = defineAuditActions({
  checkout_opened: { did: 'opened a checkout', target: 'account', details: { plan: 'text', quantity: 'number' } },
  billing_portal_opened: { did: 'opened the portal of the subscription', target: 'account', details: {} },
  plan_granted: { did: 'set the customer or the plan of the account', target: 'account', details: { customerId: 'text?', plan: 'text?' } },
  plan_changed: { did: 'changed the plan, as it was paid for', target: 'account', details: { plan: 'text?', standing: 'text' } },
});
