// `pnpm alerts`: two real nodes under load, a real Prometheus with the shipped rules, shortened, and a fault for every alert: each fires, and ends.
// And that every query of the dashboards answers something.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { faults } from '../tests/alerts/faults/all.ts';
import { drawDashboards } from '../tests/alerts/pictures.ts';
import { type Fired, lookAtPanels, type PanelFound, runFault, withoutFault } from '../tests/alerts/run.ts';
import { openStage, type Stage } from '../tests/alerts/stage.ts';
import { until } from '../tests/support/until.ts';

const HELP = `pnpm alerts [options]

  --list               the faults, and the alerts that they are to cause
  --only <text>        faults whose name or alerts have this in them; may be given several times
  --clients <n>        devices (12)
  --json <file>        where the report goes (.cache/alerts/<time>.json)
  --pictures <folder>  the dashboards as pictures (SVG)`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    list: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    clients: { type: 'string', default: '12' },
    json: { type: 'string' },
    pictures: { type: 'string' },
  },
});

const PAUSE_MS = 800;
/** Until every rate has what it looks back on. */
const CALM_WITHIN_MS = 60_000;

const seconds = (ms: number | undefined): string => (ms === undefined ? '–' : `${(ms / 1_000).toFixed(0)} s`);
const rowOf = ({ fault, alert, firedMs, resolvedMs }: Fired): string =>
  `${firedMs === undefined || resolvedMs === undefined ? '✘' : '✔'} | ${alert} | ${fault} | ${seconds(firedMs)} | ${seconds(resolvedMs)}`;

async function trial(stage: Stage, chosen: typeof faults): Promise<Readonly<{ fired: readonly Fired[]; panels: readonly PanelFound[] }>> {
  const begun = Date.now();
  const { prometheus } = stage;
  await until(async () => (await prometheus.query('coucou:login_total:increase1h > 5')).length > 0, {
    timeoutMs: CALM_WITHIN_MS,
    what: 'load that is measured',
  });
  console.error(`calm: ${[...(await prometheus.firing())].join('; ') || 'nothing fires'}`);
  const panels = await lookAtPanels(stage, begun);
  const fired: Fired[] = [];
  for (const [at, fault] of chosen.entries()) {
    console.error(`${at + 1}/${chosen.length} ${fault.name}`);
    const ending = await runFault(stage, fault).catch((error: unknown) => {
      console.error(error);
      return async () => fault.fires.map((alert): Fired => ({ fault: fault.name, alert, firedMs: undefined, resolvedMs: undefined }));
    });
    const rows = await ending();
    fired.push(...rows);
    console.error(rows.map(rowOf).join('\n'));
  }
  const failures = await prometheus.failures();
  if (failures.length > 0) throw new Error(`rules failed: ${failures.join('; ')}`);
  // What needed a fault has happened by now.
  const later = await lookAtPanels(stage, begun);
  if (values.pictures !== undefined) await drawDashboards(prometheus, begun, values.pictures);
  return { fired, panels: panels.map((panel, at) => (panel.series === 0 && panel.after !== undefined ? (later[at] ?? panel) : panel)) };
}

async function main(): Promise<number> {
  const chosen = faults.filter(
    ({ name, fires }) => values.only.length === 0 || values.only.some((text) => [name, ...fires].some((each) => each.includes(text))),
  );
  if (values.help || values.list || chosen.length === 0) {
    console.log(values.list ? faults.map(({ name, fires }) => `${name}: ${fires.join('; ')}`).join('\n') : HELP);
    return values.help || values.list ? 0 : 2;
  }
  const startedAt = new Date();
  const stage = await openStage({ clients: Number(values.clients), pauseMs: PAUSE_MS });
  try {
    const { fired, panels } = await trial(stage, chosen);
    console.log(['', 'alert | fault | fires after | ends after', ...fired.map(rowOf)].join('\n'));
    const empty = panels.filter(({ series }) => series === 0);
    const wrong = empty.filter(({ after }) => after === undefined);
    for (const { dashboard, panel, after, expr } of empty)
      console.log(`${dashboard}, ${panel}: nothing${after === undefined ? ` (${expr})` : `, until ${after}`}`);
    const failed = fired.filter(({ firedMs, resolvedMs }) => firedMs === undefined || resolvedMs === undefined);
    const missing = values.only.length > 0 ? [] : withoutFault(fired);
    const file = values.json ?? path.resolve(import.meta.dirname, `../.cache/alerts/${startedAt.toISOString().replaceAll(':', '-')}.json`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify({ startedAt, fired, panels }, undefined, 2)}\n`);
    console.log(
      `\n${fired.length - failed.length} of ${fired.length} alerts fired and ended; ${panels.length - empty.length} of ${panels.length} queries answered, ${empty.length - wrong.length} wait for what is rare; ${missing.length} alerts have no fault; ${stage.unexpectedExits().length} nodes ended by themselves; ${file}`,
    );
    return failed.length + wrong.length + missing.length > 0 ? 1 : 0;
  } finally {
    await stage.stop();
  }
}

process.exitCode = await main();
