import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { judgeOwner, judgePods, judgePolicies, judgeReferences, judgeSecrets } from './chart/consistent.ts';
import { misspelt, validate } from './chart/judge.ts';
import { merged, namesOf, namesOfSchema } from './chart/names.ts';
import { chart, type KubernetesObject, openRenderer, type Rendered, type Values } from './chart/render.ts';
import { bundled, external, invalid, refused, sets } from './chart/values.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(chart, file), 'utf8');
const renderer = await openRenderer();
if (renderer === undefined)
  console.log(
    'NOT RUN: the Helm chart (helm, or Debian: apt-get install golang-go golang-github-masterminds-sprig-dev golang-k8s-sigs-yaml-dev)',
  );

describe('deploy/helm/coucou', () => {
  const isValid = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(read('values.schema.json')));

  it('has the version of the product', () => {
    const { version } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'));
    expect(parse(read('Chart.yaml'))).toMatchObject({ version, appVersion: version });
  });

  it('has a schema that knows every value, and a line in README.md for each', () => {
    const { properties, definitions } = JSON.parse(read('values.schema.json'));
    const names = namesOf(parse(read('values.yaml')));
    const known = new Set(namesOfSchema({ properties }, definitions));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    const documented = read('README.md');
    expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  });

  it.each(Object.entries(sets))('takes the values: %s', (_, values) => {
    expect([isValid(merged(parse(read('values.yaml')), values)), isValid.errors]).toEqual([true, null]);
  });

  it.each(Object.entries(invalid))('refuses by its schema: %s', (_, values) => {
    expect(isValid(merged(parse(read('values.yaml')), values))).toBe(false);
  });
});

describe.runIf(renderer !== undefined)(`deploy/helm/coucou, rendered by ${renderer?.name}`, () => {
  afterAll(() => renderer?.stop());
  const render = (values: Values): Promise<Rendered> => renderer?.render(values) ?? Promise.reject(new Error('there is no renderer'));

  it('has the scripts of the database that Docker Compose runs', async () => {
    const shipped = path.join(repository, 'deploy/postgres');
    const scripts = readdirSync(shipped).map((file) => [file, readFileSync(path.join(shipped, file), 'utf8')] as const);
    const maps = (await render(bundled)).objects.filter(({ kind }) => kind === 'ConfigMap').map(({ data }) => data);
    expect(maps).toContainEqual(Object.fromEntries(scripts));
  });

  it.each(Object.entries(refused))('refuses, and says what to do: %s', async (_, [values, sentence]) => {
    await expect(render(values)).rejects.toThrow(sentence);
  });

  it.each(Object.entries(sets))('makes what Kubernetes takes, and what belongs together, of %s', async (_, values) => {
    const { objects, notes } = await render(values);
    expect(notes ?? 'create-admin').toContain('create-admin');
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const object of objects) validate(withoutExperiments(object));
    judgeReferences(objects);
    judgeSecrets(objects, /^chat-coucou/);
    judgePods(objects);
    judgeOwner(objects);
    judgePolicies(objects);
  });

  it('has no name that Kubernetes would pass over', async () => {
    const all = [];
    for (const values of Object.values(sets)) all.push(...(await render(values)).objects);
    expect(await misspelt(all.map(withoutExperiments))).toBe('');
    const [deployment = {}] = all.filter(({ kind }) => kind === 'Deployment');
    const wrong = structuredClone(deployment);
    wrong['spec'].template.spec.containers[0].readynessProbe = {};
    expect(await misspelt([wrong])).toContain('readynessProbe');
  });

  it('waits for the migration before an installation and an upgrade, on an external database', async () => {
    const job = only(await render(external), 'Job');
    expect(job.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade' });
    const needed = (await render(external)).objects.filter(
      ({ kind, metadata }) => metadata.name === 'chat-coucou-migrate' && kind !== 'Job',
    );
    expect(needed.map(({ kind, metadata }) => [kind, Number(metadata.annotations['helm.sh/hook-weight']) < 0])).toEqual([
      ['NetworkPolicy', true],
      ['Secret', true],
    ]);
    // A bundled one is not there before the release.
    expect(only(await render(bundled), 'Job').metadata).toMatchObject({ name: 'chat-coucou-migrate-1' });
    expect(only(await render(bundled), 'Job').metadata.annotations).toBeUndefined();
  });

  it('leaves the number of replicas to the autoscaler, which counts sockets and processor', async () => {
    const rendered = await render(sets['autoscaling by sockets and CPU'] ?? {});
    expect(only(rendered, 'Deployment').spec).not.toHaveProperty('replicas');
    const { metrics } = only(rendered, 'HorizontalPodAutoscaler').spec;
    expect(metrics.map(({ type }: { type: string }) => type)).toEqual(['Resource', 'Pods']);
    const metricsPage = readFileSync(path.join(repository, 'docs/metrics.md'), 'utf8');
    expect(metricsPage).toContain(`\`${metrics[1].pods.metric.name}\``);
  });

  it('hands rules to Prometheus as they are', async () => {
    const rule = only(await render(sets['monitoring by the operator of Prometheus'] ?? {}), 'PrometheusRule');
    expect(rule.spec).toEqual(parse(readFileSync(path.join(repository, 'deploy/prometheus/rules.yml'), 'utf8')));
    expect(JSON.stringify(rule.spec)).toContain('{{ $labels.instance }} is down');
  });
});

describe.runIf(renderer?.name === 'helm')('deploy/helm/coucou', () => {
  it('passes helm lint', () => {
    const { publicUrl, ...maps } = external;
    const values = Object.entries(maps).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);
    const output = execFileSync('helm', ['lint', chart, '--strict', '--set', `publicUrl=${publicUrl}`, ...values], { encoding: 'utf8' });
    expect(output).toContain('0 chart(s) failed');
  });
});

const only = ({ objects }: Rendered, kind: string): KubernetesObject => {
  const found = objects.filter((object) => object['kind'] === kind);
  expect(found).toHaveLength(1);
  return found[0] ?? {};
};

/** Cookies of a route are in the experimental channel of the Gateway API, which its schemas leave out. */
function withoutExperiments(object: KubernetesObject): KubernetesObject {
  if (object['kind'] !== 'HTTPRoute') return object;
  const copy = structuredClone(object);
  for (const rule of copy['spec'].rules) delete rule.sessionPersistence;
  return copy;
}
