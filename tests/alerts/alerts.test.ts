import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { faults } from './faults/all.ts';
import { prometheusBinaries } from './prometheus.ts';
import { lookAtPanels, runFault } from './run.ts';
import { openStage, type Stage } from './stage.ts';

/** A few of what `pnpm alerts` does for every alert. */

const hasPrometheus = prometheusBinaries() !== undefined;
if (!hasPrometheus) console.warn('Prometheus is not installed (Debian: prometheus): no alert was seen to fire');

/** They look back for a while, and end that much later: `pnpm alerts` waits for it. */
const looksBack = (alert: string): boolean => /Budget|EventsLost/.test(alert);

describe.runIf(hasPrometheus)('real nodes, read by a real Prometheus', () => {
  let stage: Stage;
  const begun = Date.now();
  beforeAll(async () => {
    stage = await openStage({ clients: 8, pauseMs: 200 });
    await until(async () => (await stage.prometheus.query('coucou:login_total:increase1h > 3')).length > 0, {
      timeoutMs: 60_000,
      what: 'load that is measured',
    });
  });
  afterAll(() => stage?.stop());

  it('fire no alert while nothing is wrong, and no rule fails', async () => {
    // A machine that others use as well is slow, which is no fault of the product.
    const firing = [...(await stage.prometheus.firing())].filter((alert) => !/Send|Delivery|EventLoop/.test(alert));
    expect(firing).toEqual([]);
    expect(await stage.prometheus.failures()).toEqual([]);
  });

  it('answer the queries of every panel, but for what is rare', async () => {
    const panels = await lookAtPanels(stage, begun);
    expect(panels.length).toBeGreaterThan(100);
    expect(panels.filter(({ series, after }) => series === 0 && after === undefined)).toEqual([]);
  });

  it.each(faults.filter(({ inSmoke }) => inSmoke).map((fault) => [fault.name, fault] as const))('%s', async (_, fault) => {
    const ended = await runFault(stage, fault);
    const fires = fault.fires.filter((alert) => !looksBack(alert));
    const rows = await ended(fires);
    expect(rows.filter(({ firedMs }) => firedMs === undefined)).toEqual([]);
    expect(rows.filter(({ alert, resolvedMs }) => fires.includes(alert) && resolvedMs === undefined)).toEqual([]);
    expect(stage.unexpectedExits()).toEqual([]);
  });
});
