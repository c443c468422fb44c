import { alerts } from '@coucou/docs/monitoring/alerts';
import { dashboards } from '@coucou/docs/monitoring/dashboards';
import { until } from '../support/until.ts';
import type { Fault } from './fault.ts';
import type { Series } from './prometheus.ts';
import type { Stage } from './stage.ts';

export type Fired = Readonly<{
  fault: string;
  alert: string;
  /** From the fault to the alert, and from its end to that of the alert; undefined where it never came. */
  firedMs: number | undefined;
  resolvedMs: number | undefined;
}>;

export type PanelFound = Readonly<{ dashboard: string; panel: string; expr: string; series: number; after: string | undefined }>;

const FIRES_WITHIN_MS = 90_000;
/** The tickets of promises look back for six hours, which are three minutes here. */
const RESOLVES_WITHIN_MS = 300_000;

/** Waits for what the fault is to fire and mends it. What it answers waits for the end of some of its alerts, or all, and says what came when. */
export async function runFault(
  stage: Stage,
  { name, fires, endsInSilence, begin }: Fault,
): Promise<(ending?: readonly string[]) => Promise<readonly Fired[]>> {
  const { prometheus } = stage;
  await until(
    async () => {
      const now = await prometheus.firing();
      return fires.every((alert) => !now.has(alert));
    },
    {
      timeoutMs: RESOLVES_WITHIN_MS,
      what: `calm before ${name}`,
    },
  );
  const begun = performance.now();
  const mend = await begin(stage);
  const fired = new Map<string, number>();
  let mended: number;
  try {
    await until(
      async () => {
        const now = await prometheus.firing();
        for (const alert of fires) if (now.has(alert) && !fired.has(alert)) fired.set(alert, performance.now() - begun);
        return fired.size === fires.length;
      },
      { timeoutMs: FIRES_WITHIN_MS, what: `${fires.filter((alert) => !fired.has(alert)).join('; ')} to fire` },
    ).catch(() => {});
  } finally {
    await mend();
    mended = performance.now();
  }
  return async (ending = fires) => {
    const resolved = new Map<string, number>();
    const resume = endsInSilence === true ? await stage.silence() : undefined;
    await until(
      async () => {
        const now = await prometheus.firing();
        for (const alert of fires) if (!now.has(alert) && !resolved.has(alert)) resolved.set(alert, performance.now() - mended);
        return ending.every((alert) => resolved.has(alert));
      },
      { timeoutMs: RESOLVES_WITHIN_MS, what: `the end of ${ending.join('; ')}` },
    ).catch(() => {});
    resume?.();
    return fires.map((alert) => ({ fault: name, alert, firedMs: fired.get(alert), resolvedMs: resolved.get(alert) }));
  };
}

/** A query of a panel as Grafana sends it for all nodes. */
export const sentByGrafana = (expr: string): string => expr.replaceAll('$instance', '.+').replaceAll('$__rate_interval', '10s');

const hasValue = ({ values }: Series): boolean => values.some(([, value]) => value !== 'NaN');

/** Every query of every panel, as Grafana sends it for all nodes, and how many series it has answered since then. */
export async function lookAtPanels({ prometheus }: Stage, sinceMs: number): Promise<readonly PanelFound[]> {
  const found: PanelFound[] = [];
  for (const { title: dashboard, rows } of Object.values(dashboards))
    for (const { panels = [] } of rows)
      for (const { title: panel, queries } of panels)
        for (const { expr, after } of queries) {
          const all = sentByGrafana(expr);
          const series = (await prometheus.since(all, sinceMs, 2)).filter(hasValue).length;
          found.push({ dashboard, panel, expr: all, series, after });
        }
  return found;
}

/** The alerts that none of these is about. */
export const withoutFault = (fired: readonly Pick<Fired, 'alert'>[]): readonly string[] =>
  alerts.map(({ name, severity }) => `${name}, ${severity}`).filter((alert) => !fired.some((each) => each.alert === alert));
