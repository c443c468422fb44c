import type { Dashboard, Panel, Table } from './panels.ts';

type Place = Readonly<{ x: number; y: number; w: number; h: number }>;

const SIZE = { panel: { w: 8, h: 8, inARow: 3 }, table: { w: 24, h: 14 } };
const prometheus = { type: 'prometheus', uid: '${datasource}' };
const postgres = { type: 'grafana-postgresql-datasource', uid: '${database}' };

const chooser = (name: string, label: string, type: string) => ({ name, label, type: 'datasource', query: type });

const nodeChooser = {
  name: 'instance',
  label: 'Node',
  type: 'query',
  datasource: prometheus,
  query: 'label_values(coucou_info, instance)',
  refresh: 2,
  multi: true,
  includeAll: true,
  current: { text: 'All', value: '$__all' },
};

/** The dashboard as Grafana imports it. */
export function grafanaDashboard({ uid, title, refresh = '30s', rows }: Dashboard): object {
  const panels: object[] = [];
  let y = 0;
  for (const { title: heading, panels: inRow = [], tables = [] } of rows) {
    panels.push({ id: panels.length + 1, type: 'row', title: heading, collapsed: false, panels: [], gridPos: { x: 0, y, w: 24, h: 1 } });
    y += 1;
    for (const table of tables) {
      panels.push(tableOf(panels.length + 1, table, { x: 0, y, ...SIZE.table }));
      y += SIZE.table.h;
    }
    inRow.forEach((panel, at) => {
      const x = (at % SIZE.panel.inARow) * SIZE.panel.w;
      if (at > 0 && x === 0) y += SIZE.panel.h;
      panels.push(panelOf(panels.length + 1, panel, { x, y, w: SIZE.panel.w, h: SIZE.panel.h }));
    });
    if (inRow.length > 0) y += SIZE.panel.h;
  }
  const asksDatabase = rows.some(({ tables }) => tables !== undefined);
  return {
    uid,
    title,
    tags: ['coucou'],
    schemaVersion: 39,
    timezone: 'browser',
    refresh,
    time: { from: 'now-1h', to: 'now' },
    links: [{ type: 'dashboards', title: 'Coucou', tags: ['coucou'], asDropdown: true, includeVars: true, keepTime: true }],
    templating: {
      list: [
        chooser('datasource', 'Prometheus', 'prometheus'),
        ...(asksDatabase ? [chooser('database', 'PostgreSQL', postgres.type)] : []),
        nodeChooser,
      ],
    },
    panels,
  };
}

const refOf = (at: number): string => String.fromCodePoint(65 + at);

function panelOf(id: number, { title, unit, queries, isStacked, kind }: Panel, gridPos: Place): object {
  const custom = { fillOpacity: isStacked === true ? 20 : 0, ...(isStacked === true && { stacking: { mode: 'normal' } }) };
  const empty = [...new Set(queries.flatMap(({ after }) => after ?? []))].map((after) => `Empty until ${after}.`).join(' ');
  const isStat = kind === 'stat';
  return {
    id,
    type: kind ?? 'timeseries',
    title,
    ...(empty !== '' && { description: empty }),
    gridPos,
    datasource: prometheus,
    fieldConfig: { defaults: isStat ? { unit } : { unit, min: 0, custom }, overrides: [] },
    options: isStat
      ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'none' }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, at) => ({ refId: refOf(at), datasource: prometheus, expr, legendFormat: legend })),
  };
}

const tableOf = (id: number, { title, sql, units }: Table, gridPos: Place): object => ({
  id,
  type: 'table',
  title,
  gridPos,
  datasource: postgres,
  fieldConfig: {
    defaults: {},
    overrides: Object.entries(units).map(([name, unit]) => ({
      matcher: { id: 'byName', options: name },
      properties: [{ id: 'unit', value: unit }],
    })),
  },
  options: { showHeader: true },
  targets: [{ refId: 'A', datasource: postgres, format: 'table', rawQuery: true, rawSql: sql }],
});
