import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { privacyActions } from '@coucou/domain/privacy/audit-actions';
import { Erasure } from '@coucou/domain/privacy/erasure';
import { byServer, recordAudit } from '../audit/record-audit.ts';
import { job } from '../kernel/job.ts';
import { type JobContext, subscriber } from '../kernel/subscriber.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { erasureDue } from './erasure-due.ts';
import { type ErasurePorts, erasurePorts, stepsOf } from './erasure-steps.ts';

/** Longer than a batch takes; another node goes on with what a dead one left after it. */
const LEASE_SECONDS = 60;
const RENEW_AFTER_SECONDS = 15;
/** An erasure that takes longer goes on behind the jobs that wait. */
const SLICE_SECONDS = 5;
const MOST_AT_ONCE = 1_000;

/**
 * Carries out what is due of one person, in small transactions. An interruption at any point costs at most the batch that was under way: steps
 * look at what is there, so that any of them may run again.
 */
export const eraseDeleted = subscriber({
  name: 'privacy.erase',
  on: erasureDue,
  queue: 'bulk',
  deps: erasurePorts,
  async run(ports, { account, person }, context) {
    const { uow, clock } = ports;
    const claimed = await uow.write(account, async (tx) => {
      const found = await tx.erasures.claim(person, LEASE_SECONDS);
      if (found !== undefined) return found;
      // Before its time, or while another node, which may be dead, carries it out.
      const at = await tx.erasures.claimableAt(person);
      if (at !== undefined) tx.emit(erasureDue({ person, at }));
      return undefined;
    });
    if (claimed === undefined) return;
    const progress = { erasure: claimed };
    try {
      await carryOut(ports, progress, context);
    } catch (error) {
      await uow.write(account, (tx) => tx.erasures.update(Erasure.fail(progress.erasure, clock.now()), undefined));
      throw error;
    }
  },
});

/** Every stage and every slice orders the next in the transaction that ends it. An order that was lost or given up is made anew by this. */
export const orderErasures = job({
  name: 'privacy.orderErasures',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({}) },
  async run({ uow }, stopping) {
    const due = await uow.system('erasures', (tx) => tx.listDueErasures(MOST_AT_ONCE));
    let ordered = 0;
    for (const { account, person } of due) {
      if (stopping.aborted) break;
      await uow.write(account, async (tx) => tx.emit(erasureDue({ person })));
      ordered += 1;
    }
    return { ordered };
  },
});

async function carryOut(ports: ErasurePorts, progress: { erasure: Erasure }, { report, stopping }: JobContext): Promise<void> {
  const { uow, clock } = ports;
  const { accountId: account, stage, step } = progress.erasure;
  const steps = await stepsOf(ports, account, stage);
  const from = Math.max(
    0,
    steps.findIndex(({ name }) => name === step),
  );
  const endsAt = addSeconds(clock.now(), SLICE_SECONDS);
  let keptAt = clock.now();
  const keep = async (change: Partial<Erasure>) => {
    progress.erasure = { ...progress.erasure, ...change };
    keptAt = clock.now();
    await uow.write(account, (tx) => tx.erasures.update(progress.erasure, LEASE_SECONDS));
  };
  for (const [index, { name, run }] of [...steps.entries()].slice(from)) {
    report(index, steps.length);
    if (progress.erasure.step !== name) await keep({ step: name });
    for (let gone = await run(ports, progress.erasure); gone > 0; gone = await run(ports, progress.erasure)) {
      progress.erasure = { ...progress.erasure, erased: progress.erasure.erased + gone };
      if (stopping.aborted || clock.now() >= endsAt) return handBack(ports, account, progress.erasure);
      if (clock.now() > addSeconds(keptAt, RENEW_AFTER_SECONDS)) await keep({});
    }
  }
  const finished = Erasure.finishStage(progress.erasure, clock.now());
  await handBack(ports, account, finished, finished.dueAt);
}

/** What is left of it is another job, ordered with what this one has done. `at`: when that begins; absent: behind what waits now. */
async function handBack(ports: ErasurePorts, account: AccountId, erasure: Erasure, at?: Instant): Promise<void> {
  const { userId: person, stage } = erasure;
  await ports.uow.write(account, async (tx) => {
    await tx.erasures.update(erasure, undefined);
    if (stage !== 'done') tx.emit(erasureDue({ person, at }));
    else await recordAudit(ports, tx, { account, ...byServer }, privacyActions.user_erased, { target: person });
  });
}
