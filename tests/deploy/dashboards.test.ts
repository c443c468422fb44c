import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { dashboards } from '@coucou/docs/monitoring/dashboards';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';

const repository = resolve(import.meta.dirname, '../..');
const folder = resolve(repository, 'deploy/grafana/dashboards');

type Shipped = Readonly<{
  uid: string;
  panels: readonly Readonly<{ id: number; title: string; gridPos: Readonly<{ x: number; y: number; w: number; h: number }> }>[];
}>;
const shipped = Object.keys(dashboards).map((name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Shipped);

/** Each query as Grafana sends it for all nodes. */
const queries = Object.values(dashboards).flatMap(({ title, rows }) =>
  rows.flatMap(({ panels = [] }) =>
    panels.flatMap((panel) =>
      panel.queries.map(({ expr }) => ({
        name: `${title}: ${panel.title}`,
        expr: expr.replaceAll('$instance', '.+').replaceAll('$__rate_interval', '1m'),
      })),
    ),
  ),
);

describe('deploy/grafana/dashboards', () => {
  it('holds six dashboards, and nothing else', () => {
    expect(readdirSync(folder).toSorted()).toEqual(
      ['accounts.json', 'database-redis.json', 'jobs.json', 'messaging.json', 'overview.json', 'realtime.json'].toSorted(),
    );
    expect(new Set(shipped.map(({ uid }) => uid)).size).toBe(6);
  });

  it('has panels that do not overlap, each with an id of its own', () => {
    for (const { uid, panels } of shipped) {
      expect([uid, new Set(panels.map(({ id }) => id)).size]).toEqual([uid, panels.length]);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
      );
      expect([uid, new Set(cells).size]).toEqual([uid, cells.length]);
    }
  });

  it('is where Grafana of the composition looks for it', () => {
    const { services } = parse(readFileSync(resolve(repository, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
      services: Record<string, { volumes: readonly string[] }>;
    };
    const { providers } = parse(readFileSync(resolve(repository, 'deploy/grafana/provisioning/dashboards/coucou.yml'), 'utf8')) as {
      providers: readonly [{ options: { path: string } }];
    };
    expect(services['grafana']?.volumes).toContain(`./deploy/grafana/dashboards:${providers[0].options.path}:ro`);
  });
});

const promtool = spawnSync('promtool', ['--version']).status === 0;
if (!promtool) console.warn('promtool is not installed (Debian: prometheus): the queries of the dashboards were not checked');

describe.runIf(promtool)('promtool', () => {
  it('understands every query', () => {
    expect(queries.length).toBeGreaterThan(80);
    expect(problemsIn(queries.map(({ expr }) => expr))).toEqual([]);
    expect(problemsIn(['sum by (le'])).toHaveLength(1);
  });
});

/** The lines of promtool that say what it does not understand. */
function problemsIn(exprs: readonly string[]): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'dashboards-'));
  try {
    const path = join(directory, 'rules.yml');
    writeFileSync(path, stringify({ groups: [{ name: 'a', rules: exprs.map((expr, at) => ({ record: `query:${at}`, expr })) }] }));
    const { stdout, stderr } = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' });
    return (stdout + stderr).split('\n').filter((line) => line.includes('parse'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
