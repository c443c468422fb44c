import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, byServer, recordAudit } from '@coucou/application/audit/record-audit';
import type { Ports } from '@coucou/application/kernel/token';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { billingActions } from '../domain/audit-actions.ts';
import { Entitlement } from '../domain/entitlement.ts';
import { Billing, type BillingAccount, BillingSettings } from './billing-ports.ts';

export const entitlementPorts = { settings: BillingSettings, ...auditPorts };
export const entitlementRepositories = { billing: Billing, auditLog: AuditLog };

/** What the account has a right to now. */
export async function entitlementOf(
  { settings, clock }: Pick<Ports<typeof entitlementPorts>, 'settings' | 'clock'>,
  tx: Pick<Ports<typeof entitlementRepositories>, 'billing'>,
  known: BillingAccount | undefined,
): Promise<Entitlement> {
  const subscriptions = known === undefined ? [] : await tx.billing.subscriptions();
  return Entitlement.of(subscriptions, known?.granted, settings, clock.now());
}

/** Writes down what the account has a right to, with an entry of the audit log where that is another plan. `known` is locked. */
export async function writeEntitlement(
  ports: Ports<typeof entitlementPorts>,
  tx: Ports<typeof entitlementRepositories>,
  account: AccountId,
  known: BillingAccount,
): Promise<void> {
  const { plan, standing, limits } = await entitlementOf(ports, tx, known);
  await tx.billing.putEntitlement({ plan: plan?.id, standing, limits });
  if (plan?.id === known.plan && standing === known.standing) return;
  await recordAudit(ports, tx, { ...byServer, account }, billingActions.plan_changed, { details: { plan: plan?.id, standing } });
}
