import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { requireRecentSignIn } from '@coucou/application/auth/reauthenticate';
import { Sessions } from '@coucou/application/auth/repositories';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { WebhookSignatures } from '@coucou/application/ports/webhook-signatures';
import { SealedSecrets } from '@coucou/domain/kernel/sealed-secrets';
import { beforeSendActions } from '../domain/audit-actions.ts';
import { BeforeSendHook, beforeSendErrors, type HookChange } from '../domain/before-send-hook.ts';
import { ownerOf } from './ask.ts';
import { CallGate, type HookHealth, HookDirectory, Hooks } from './before-send-ports.ts';

/** A hook, and how it does as the node that answers sees it. */
export type ShownHook = Readonly<{ hook: BeforeSendHook; health: HookHealth }>;
/** With its secret, which is shown once. */
export type IssuedHook = ShownHook & Readonly<{ secret: string }>;

type Nothing = Readonly<Record<never, never>>;

const uow = unitOfWork({ hooks: Hooks, sessions: Sessions, auditLog: AuditLog });
const seen = { gate: CallGate, ...auditPorts };

export async function requireHook(found: Promise<BeforeSendHook | undefined>): Promise<BeforeSendHook> {
  const hook = await found;
  if (hook === undefined) throw beforeSendErrors.NOT_FOUND();
  return hook;
}

const shown = ({ gate, clock }: Readonly<{ gate: CallGate; clock: { now(): Date } }>, hook: BeforeSendHook): ShownHook => ({
  hook,
  health: gate.health(hook, clock.now()),
});

export const getHook = adminUseCase({
  name: 'admin.getBeforeSendHook',
  deps: { uow, ...seen },
  async run({ uow: { read }, ...ports }, _input: Nothing, { account }): Promise<ShownHook | undefined> {
    const hook = await read(account, (tx) => tx.hooks.lookup());
    return hook && shown(ports, hook);
  },
});

export type CreateHook = Pick<BeforeSendHook, 'url' | 'timeoutMs' | 'onFailure' | 'conversationTypes' | 'enabled'>;

/** It carries what people write out of the server, and changes it, for as long as it stands, and so takes a recent sign-in. */
export const createHook = adminUseCase({
  name: 'admin.createBeforeSendHook',
  deps: { uow, calls: OutboundCalls, signatures: WebhookSignatures, directory: HookDirectory, ...seen },
  async run({ uow: { write }, calls, signatures, directory, ...ports }, input: CreateHook, call): Promise<IssuedHook> {
    if (!calls.accepts(input.url)) throw beforeSendErrors.URL_REFUSED();
    const { account: accountId, actor } = call;
    const { secret, sealedSecret } = signatures.create(ownerOf(accountId));
    const now = ports.clock.now();
    const hook: BeforeSendHook = {
      ...input,
      accountId,
      sealedSecret,
      previous: undefined,
      createdBy: actor?.userId,
      createdAt: now,
      changedAt: now,
    };
    await write(accountId, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      if (!(await tx.hooks.add(hook))) throw beforeSendErrors.EXISTS();
      await recordAudit(ports, tx, call, beforeSendActions.before_send_hook_created, {
        details: { origin: BeforeSendHook.originOf(hook), onFailure: hook.onFailure },
      });
    });
    directory.forget(accountId);
    return { ...shown(ports, hook), secret };
  },
});

/** Another address takes a recent sign-in, as a new hook does. What changes nothing leaves no entry in the audit log. */
export const updateHook = adminUseCase({
  name: 'admin.updateBeforeSendHook',
  deps: { uow, calls: OutboundCalls, directory: HookDirectory, ...seen },
  async run({ uow: { write }, calls, directory, ...ports }, change: HookChange, call): Promise<ShownHook> {
    const { account } = call;
    if (change.url !== undefined && !calls.accepts(change.url)) throw beforeSendErrors.URL_REFUSED();
    const hook = await write(account, async (tx) => {
      const current = await requireHook(tx.hooks.lock());
      const updated = BeforeSendHook.update(current, change, ports.clock.now());
      if (updated === undefined) return current;
      if (updated.changed.includes('url')) await requireRecentSignIn(ports, tx, call);
      await tx.hooks.update(updated.hook);
      await recordAudit(ports, tx, call, beforeSendActions.before_send_hook_updated, {
        details: { origin: BeforeSendHook.originOf(updated.hook), changed: updated.changed },
      });
      return updated.hook;
    });
    directory.forget(account);
    return shown(ports, hook);
  },
});

export const deleteHook = adminUseCase({
  name: 'admin.deleteBeforeSendHook',
  deps: { uow, directory: HookDirectory, ...auditPorts },
  async run({ uow: { write }, directory, ...ports }, _input: Nothing, call): Promise<void> {
    await write(call.account, async (tx) => {
      const hook = await requireHook(tx.hooks.lock());
      await tx.hooks.remove();
      await recordAudit(ports, tx, call, beforeSendActions.before_send_hook_deleted, {
        details: { origin: BeforeSendHook.originOf(hook) },
      });
    });
    directory.forget(call.account);
  },
});

export const rotateHookSecret = adminUseCase({
  name: 'admin.rotateBeforeSendHookSecret',
  deps: { uow, signatures: WebhookSignatures, directory: HookDirectory, ...seen },
  async run(
    { uow: { write }, signatures, directory, ...ports },
    { overlapSeconds }: Readonly<{ overlapSeconds: number }>,
    call,
  ): Promise<IssuedHook> {
    const { account } = call;
    const { secret, sealedSecret } = signatures.create(ownerOf(account));
    const hook = await write(account, async (tx) => {
      const current = await requireHook(tx.hooks.lock());
      await requireRecentSignIn(ports, tx, call);
      const rotated = SealedSecrets.rotate(current, sealedSecret, overlapSeconds, ports.clock.now());
      await tx.hooks.update(rotated);
      await recordAudit(ports, tx, call, beforeSendActions.before_send_hook_secret_rotated, { details: { overlapSeconds } });
      return rotated;
    });
    directory.forget(account);
    return { ...shown(ports, hook), secret };
  },
});
