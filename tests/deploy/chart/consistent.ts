import { expect } from 'vitest';
import type { KubernetesObject } from './render.ts';

/** What no schema says: that the objects of one release fit each other. */

const DRAIN_SECONDS = 20;

type Labels = Readonly<Record<string, string>>;
const of = (objects: readonly KubernetesObject[], ...kinds: string[]) => objects.filter(({ kind }) => kinds.includes(kind));
const named = (objects: readonly KubernetesObject[], kind: string, name: string) =>
  of(objects, kind).find(({ metadata }) => metadata.name === name);
const selects = (selector: Labels, labels: Labels) => Object.entries(selector).every(([key, value]) => labels[key] === value);
const workloads = (objects: readonly KubernetesObject[]) => of(objects, 'Deployment', 'StatefulSet', 'Job');
const podOf = (workload: KubernetesObject): KubernetesObject => workload['spec'].template;
const componentOf = (labels: Labels) => labels['app.kubernetes.io/component'];
const podsOf = (objects: readonly KubernetesObject[], selector: Labels) =>
  workloads(objects)
    .map(podOf)
    .filter(({ metadata }) => selects(selector, metadata.labels));

/** Selectors find what they are meant for, and names of ports, objects and keys are there. */
export function judgeReferences(objects: readonly KubernetesObject[]): void {
  for (const workload of of(objects, 'Deployment', 'StatefulSet'))
    expect(selects(workload['spec'].selector.matchLabels, podOf(workload)['metadata'].labels)).toBe(true);

  for (const { spec } of of(objects, 'Service')) {
    const pods = podsOf(objects, spec.selector);
    expect(pods).toHaveLength(1);
    const ports = pods[0]?.['spec'].containers.flatMap((container: KubernetesObject) => container['ports']) as KubernetesObject[];
    expect(ports.map(({ name }) => name)).toEqual(expect.arrayContaining(spec.ports.map(({ targetPort }: KubernetesObject) => targetPort)));
  }
  for (const { spec } of of(objects, 'PodDisruptionBudget')) expect(podsOf(objects, spec.selector.matchLabels)).toHaveLength(1);
  for (const { spec } of of(objects, 'HorizontalPodAutoscaler'))
    expect(named(objects, spec.scaleTargetRef.kind, spec.scaleTargetRef.name)).toBeDefined();
  for (const { spec } of of(objects, 'ServiceMonitor')) {
    const [service, ...others] = of(objects, 'Service').filter(({ metadata }) => selects(spec.selector.matchLabels, metadata.labels));
    expect(others).toEqual([]);
    expect(service?.['spec'].ports[0].name).toBe(spec.endpoints[0].port);
  }
  for (const { spec } of of(objects, 'Ingress'))
    for (const rule of spec.rules) {
      const { name, port } = rule.http.paths[0].backend.service;
      expect(named(objects, 'Service', name)?.['spec'].ports.map((each: KubernetesObject) => each['name'])).toContain(port.name);
    }
  for (const { spec } of of(objects, 'HTTPRoute')) {
    const [{ name, port }] = spec.rules[0].backendRefs;
    expect(named(objects, 'Service', name)?.['spec'].ports.map((each: KubernetesObject) => each['port'])).toContain(port);
  }
}

/** Volumes, files of settings, and the keys of Secrets, which the release holds or the operator's own do. */
export function judgeSecrets(objects: readonly KubernetesObject[], own: RegExp): void {
  for (const workload of workloads(objects)) {
    const { volumes, containers } = podOf(workload)['spec'];
    const paths = new Set<string>();
    for (const volume of volumes as KubernetesObject[]) {
      const sources =
        volume['projected']?.sources ?? (volume['secret'] ? [{ secret: { ...volume['secret'], name: volume['secret'].secretName } }] : []);
      const { mountPath } = containers[0].volumeMounts.find(({ name }: KubernetesObject) => name === volume['name']);
      for (const { secret } of sources as { secret: KubernetesObject }[])
        for (const { key, path } of secret['items']) {
          paths.add(`${mountPath}/${path}`);
          if (own.test(secret['name'])) expect(Object.keys(named(objects, 'Secret', secret['name'])?.['stringData'] ?? {})).toContain(key);
        }
      if (volume['configMap']) expect(named(objects, 'ConfigMap', volume['configMap'].name)).toBeDefined();
    }
    for (const { name, value } of containers[0].env ?? []) if (name.endsWith('_FILE')) expect([...paths]).toContain(value);
    for (const { configMapRef } of containers[0].envFrom ?? []) expect(named(objects, 'ConfigMap', configMapRef.name)).toBeDefined();
    // No secret is in the environment, where every child process and dump of the pod shows it.
    expect(JSON.stringify([containers[0].env, containers[0].command])).not.toMatch(/:\/\/[^"]*:[^"]*@/);
  }
  for (const { spec } of of(objects, 'StatefulSet')) expect(named(objects, 'Service', spec.serviceName)).toBeDefined();
}

/** Pod security of the level `restricted`, probes, and more time to end than the server takes. */
export function judgePods(objects: readonly KubernetesObject[]): void {
  for (const workload of workloads(objects)) {
    const { spec } = podOf(workload);
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const { securityContext, resources } of spec.containers) {
      expect(securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
      expect(resources).toMatchObject({ requests: { memory: expect.any(String) }, limits: { memory: expect.any(String) } });
    }
  }
  const [server = {}] = of(objects, 'Deployment');
  const { spec } = podOf(server);
  const [container] = spec.containers;
  const [, seconds] = container.lifecycle.preStop.exec.command;
  expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(seconds) + DRAIN_SECONDS);
  expect(container.readinessProbe.httpGet).toEqual({ path: '/health/ready', port: 'http' });
  expect([container.livenessProbe, container.startupProbe].map(({ httpGet }) => httpGet.path)).toEqual(['/health/live', '/health/live']);
  const { name } =
    (spec.serviceAccountName === 'chat-servers'
      ? { name: 'chat-servers' }
      : named(objects, 'ServiceAccount', spec.serviceAccountName)?.['metadata']) ?? {};
  expect(name).toBe(spec.serviceAccountName);
}

/** The owner's password is in reach of the migration alone. */
export function judgeOwner(objects: readonly KubernetesObject[]): void {
  for (const workload of workloads(objects)) {
    const isMigration = componentOf(podOf(workload)['metadata'].labels) === 'migrate';
    expect(JSON.stringify(workload).includes('database-owner-url')).toBe(isMigration);
  }
  const [server = {}] = of(objects, 'Deployment');
  expect(JSON.stringify(server)).not.toMatch(/OWNER|owner|-bundled|-migrate/);
  const runtime = named(objects, 'Secret', server['metadata'].name);
  expect(JSON.stringify(runtime ?? {})).not.toContain('coucou_owner');
}

/** What may talk to what: the servers to all they need, and to the databases of the release nobody else. */
export function judgePolicies(objects: readonly KubernetesObject[]): void {
  const policies = of(objects, 'NetworkPolicy');
  if (policies.length === 0) return;
  const pods = workloads(objects).map(podOf);
  const policyOf = (pod: KubernetesObject) => policies.filter(({ spec }) => selects(spec.podSelector.matchLabels, pod['metadata'].labels));
  for (const pod of pods) expect(policyOf(pod)).toHaveLength(1);
  const byComponent = Object.fromEntries(
    pods.map((pod) => [componentOf(pod['metadata'].labels), { pod, spec: policyOf(pod)[0]?.['spec'] }]),
  );
  const portsTo = (component: string): (number | string)[] =>
    (byComponent[component]?.spec.egress ?? []).flatMap(({ ports }: KubernetesObject) =>
      ports['map'](({ port }: KubernetesObject) => port),
    );

  const isBundled = (component: string) => component in byComponent;
  for (const client of ['server', 'migrate'].filter(isBundled)) {
    expect(portsTo(client)).toContain(53);
    for (const [component, port] of [
      ['postgresql', 5432],
      ['redis', 6379],
    ] as const) {
      if (!isBundled(component) || (client === 'migrate' && component === 'redis')) continue;
      const rule = byComponent[client]?.spec.egress.find(
        ({ to }: KubernetesObject) => to?.[0].podSelector?.matchLabels['app.kubernetes.io/component'] === component,
      );
      expect(rule.ports).toEqual([{ port, protocol: 'TCP' }]);
      const [incoming] = byComponent[component]?.spec.ingress ?? [];
      expect(incoming.ports).toEqual([{ port, protocol: 'TCP' }]);
      expect(incoming.from[0].podSelector.matchExpressions[0].values).toContain(client);
    }
  }
  if (!isBundled('postgresql') && isBundled('migrate')) expect(portsTo('server')).toEqual(expect.arrayContaining(portsTo('migrate')));
  expect(portsTo('server')).toContain(443);
  const incoming = byComponent['server']?.spec.ingress.flatMap(({ ports }: KubernetesObject) =>
    ports['map'](({ port }: KubernetesObject) => port),
  );
  const open = byComponent['server']?.pod['spec'].containers[0].ports.map(({ name }: KubernetesObject) => name);
  expect(incoming).toEqual(open);
}
