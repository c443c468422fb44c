import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Dashboard, Panel } from '@coucou/docs/monitoring/panels';
import { dashboards } from '@coucou/docs/monitoring/dashboards';
import type { Prometheus, Series } from './prometheus.ts';
import { sentByGrafana } from './run.ts';

const PANEL = { width: 420, height: 200, inARow: 3 };
const PLOT = { left: 60, top: 28, width: 340, height: 110 };
const COLOURS = ['#3274d9', '#e0752d', '#37872d', '#c4162a', '#8f3bb8', '#b7a100', '#0a7d8c', '#7c4a2d'];
const SHOWN_LEGENDS = 6;

type Line = Readonly<{ legend: string; points: readonly (readonly [number, number])[] }>;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const legendOf = (template: string, { metric }: Series): string =>
  template.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '');
const short = (value: number): string => (Math.abs(value) >= 10_000 ? value.toExponential(1) : String(Number(value.toPrecision(3))));

/** One panel: its lines between the least and the greatest value, with the unit as Grafana names it. */
function drawn({ title, unit }: Panel, lines: readonly Line[], x: number, y: number): string {
  const points = lines.flatMap(({ points: all }) => all).filter(([, value]) => Number.isFinite(value));
  const [from, to] = [Math.min(...points.map(([at]) => at)), Math.max(...points.map(([at]) => at))];
  const top = Math.max(...points.map(([, value]) => value), 1e-9);
  const across = (at: number) => PLOT.left + (to === from ? 0 : ((at - from) / (to - from)) * PLOT.width);
  const up = (value: number) => PLOT.top + PLOT.height * (1 - value / top);
  const texts = [`<text x="8" y="18" font-weight="bold">${escaped(title)}</text>`];
  if (points.length === 0) texts.push(`<text x="${PLOT.left}" y="80" fill="#888">no data</text>`);
  else texts.push(`<text x="8" y="${PLOT.top + 8}">${short(top)} ${unit}</text>`, `<text x="8" y="${PLOT.top + PLOT.height}">0</text>`);
  lines.forEach(({ legend, points: all }, at) => {
    const colour = COLOURS[at % COLOURS.length];
    const line = all
      .filter(([, value]) => Number.isFinite(value))
      .map(([when, value]) => `${across(when).toFixed(1)},${up(value).toFixed(1)}`);
    texts.push(`<polyline fill="none" stroke="${colour}" points="${line.join(' ')}"/>`);
    if (at < SHOWN_LEGENDS)
      texts.push(
        `<text x="${8 + (at % 2) * 205}" y="${156 + Math.floor(at / 2) * 14}" fill="${colour}">${escaped(legend).slice(0, 34)}</text>`,
      );
  });
  const frame = `<rect width="${PANEL.width - 8}" height="${PANEL.height - 8}" fill="white" stroke="#ddd"/>`;
  return `<g transform="translate(${x} ${y})">${frame}${texts.join('')}</g>`;
}

async function pictureOf({ title, rows }: Dashboard, prometheus: Prometheus, sinceMs: number): Promise<string> {
  const panels = rows.flatMap((row) => row.panels ?? []);
  const groups: string[] = [];
  for (const [at, panel] of panels.entries()) {
    const lines: Line[] = [];
    for (const { expr, legend } of panel.queries)
      for (const series of await prometheus.since(sentByGrafana(expr), sinceMs, 2))
        lines.push({ legend: legendOf(legend, series), points: series.values.map(([when, value]) => [when, Number(value)]) });
    groups.push(drawn(panel, lines, (at % PANEL.inARow) * PANEL.width, 40 + Math.floor(at / PANEL.inARow) * PANEL.height));
  }
  const height = 40 + Math.ceil(panels.length / PANEL.inARow) * PANEL.height;
  const width = PANEL.width * PANEL.inARow;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#f4f5f5"/><text x="8" y="26" font-size="18">${escaped(title)}</text>${groups.join('')}</svg>\n`;
}

/** A picture (SVG) of each dashboard since a moment, roughly as Grafana shows it. What is asked of PostgreSQL is not in it. */
export async function drawDashboards(prometheus: Prometheus, sinceMs: number, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, dashboard] of Object.entries(dashboards))
    await writeFile(path.join(folder, `${name}.svg`), await pictureOf(dashboard, prometheus, sinceMs));
}
