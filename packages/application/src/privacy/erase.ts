import { addSeconds } from '@coucou/domain/kernel/time';
import { privacyActions } from '@coucou/domain/privacy/audit-actions';
import { Erasure } from '@coucou/domain/privacy/erasure';
import { byServer, recordAudit } from '../audit/record-audit.ts';
import { job } from '../kernel/job.ts';
import type { Stopping } from '../ports/schedules.ts';
import { type ErasurePorts, erasurePorts, stepsOf } from './erasure-steps.ts';

/** Longer than a batch takes; another node goes on with what a dead one left after it. */
const LEASE_SECONDS = 60;
const RENEW_AFTER_SECONDS = 15;
const MOST_AT_ONCE = 20;

/**
 * Carries out what is due, in small transactions. An interruption at any point costs at most the batch that was under way: steps look at
 * what is there, so that any of them may run again.
 */
export const eraseDeleted = job({
  name: 'privacy.erase',
  everyMs: 5_000,
  deps: erasurePorts,
  run: (ports, stopping) => eraseDue(ports, stopping),
});

export async function eraseDue(ports: ErasurePorts, stopping: Stopping): Promise<Readonly<{ erased: number; finished: number }>> {
  const { uow, clock } = ports;
  let [erased, finished] = [0, 0];
  let failure: unknown;
  const due = await uow.system('erasures', (tx) => tx.listDueErasures(clock.now(), MOST_AT_ONCE));
  for (const { account, id } of due) {
    if (stopping.aborted) break;
    const now = clock.now();
    const claimed = await uow.write(account, (tx) => tx.erasures.claim(id, now, addSeconds(now, LEASE_SECONDS)));
    if (claimed === undefined) continue;
    try {
      const after = await carryOut(ports, claimed, stopping);
      erased += after.erased - claimed.erased;
      finished += after.stage === claimed.stage ? 0 : 1;
    } catch (error) {
      // The others are not kept waiting; the schedule logs the first.
      failure ??= error;
      await uow.write(account, (tx) => tx.erasures.update(Erasure.fail(claimed, clock.now()), undefined));
    }
  }
  if (failure !== undefined) throw failure;
  return { erased, finished };
}

async function carryOut(ports: ErasurePorts, claimed: Erasure, stopping: Stopping): Promise<Erasure> {
  const { uow, clock } = ports;
  const steps = await stepsOf(ports, claimed.accountId, claimed.stage);
  const from = Math.max(
    0,
    steps.findIndex(({ name }) => name === claimed.step),
  );
  let erasure = claimed;
  let keptAt = clock.now();
  const keep = async (isOver: boolean) => {
    keptAt = clock.now();
    const until = isOver ? undefined : addSeconds(keptAt, LEASE_SECONDS);
    await uow.write(erasure.accountId, async (tx) => {
      await tx.erasures.update(erasure, until);
      if (erasure.stage !== 'done') return;
      await recordAudit(ports, tx, { account: erasure.accountId, ...byServer }, privacyActions.user_erased, { target: erasure.userId });
    });
  };
  for (const { name, run } of steps.slice(from)) {
    if (erasure.step !== name) {
      erasure = { ...erasure, step: name };
      await keep(false);
    }
    for (let gone = await run(ports, erasure); gone > 0; gone = await run(ports, erasure)) {
      erasure = { ...erasure, erased: erasure.erased + gone };
      if (stopping.aborted) {
        await keep(true);
        return erasure;
      }
      if (clock.now() > addSeconds(keptAt, RENEW_AFTER_SECONDS)) await keep(false);
    }
  }
  erasure = Erasure.finishStage(erasure, clock.now());
  await keep(true);
  return erasure;
}
