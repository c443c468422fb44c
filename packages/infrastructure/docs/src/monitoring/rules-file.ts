import { type Alert, budgetAlerts, otherAlerts, pageOf } from './alerts.ts';
import { type Slo, slos, WINDOWS } from './slos.ts';

const HEAD = `# Made from packages/infrastructure/docs/src/monitoring by \`pnpm generate\`. What each alert means and what to do: docs/runbooks.
# Set \`external_labels: { coucou_docs: https://… }\` in Prometheus to the address of the published docs; without it runbook_url is the path of the file.
# The job of the servers is to be \`coucou\`. Checked by \`promtool check rules\`, and each alert by a test and a fault.
`;

/** A JSON string is a string of YAML. */
const quoted = (text: string): string => JSON.stringify(text);

const indented = (text: string, by: number): string =>
  text
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');

const record = (name: string, expr: string): string => `      - record: ${name}\n        expr: |-\n${indented(expr, 10)}\n`;

const recordsOf = ({ name, bad, total }: Slo): string =>
  WINDOWS.map(
    (window) =>
      record(`coucou:${name}_bad:increase${window}`, bad(window)) + record(`coucou:${name}_total:increase${window}`, total(window)),
  ).join('');

const alertRule = (alert: Alert): string =>
  [
    `      - alert: ${alert.name}`,
    '        expr: |-',
    indented(alert.expr, 10),
    ...(alert.for === undefined ? [] : [`        for: ${alert.for}`]),
    `        labels: { severity: ${alert.severity} }`,
    '        annotations:',
    `          summary: ${quoted(alert.summary)}`,
    `          description: ${quoted(alert.description)}`,
    `          runbook_url: ${quoted(runbookOf(alert))}`,
    '',
  ].join('\n');

const runbookOf = (alert: Alert): string => {
  const page = pageOf(alert);
  return `{{ with $externalLabels.coucou_docs }}{{ . }}/runbooks/${page}{{ else }}docs/runbooks/${page}.md{{ end }}`;
};

const group = (name: string, rules: string): string => `  - name: ${name}\n    rules:\n${rules}`;

/** deploy/prometheus/rules.yml: the recording rules of the SLOs, and the alerts. Rules of a group are evaluated in their order. */
export const rulesFile = (): string =>
  [
    HEAD,
    'groups:\n',
    ...slos.map((slo) => group(`coucou-${slo.name}`, recordsOf(slo) + budgetAlerts(slo).map(alertRule).join(''))),
    ...Object.entries(otherAlerts).map(([name, rules]) => group(`coucou-${name}`, rules.map(alertRule).join(''))),
  ].join('');
