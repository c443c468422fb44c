import { readFileSync } from 'node:fs';
import type { Values } from './render.ts';

export const external = {
  publicUrl: 'https://chat.example.com',
  database: { existingSecret: 'coucou-database', owner: { existingSecret: 'coucou-owner' } },
  redis: { existingSecret: 'coucou-redis' },
  files: { s3: { bucket: 'attachments', existingSecret: 'coucou-files' } },
};

export const bundled = {
  publicUrl: 'http://chat.localhost',
  bundled: { postgresql: { enabled: true }, redis: { enabled: true } },
  files: { persistence: { enabled: true } },
};

const rules = readFileSync(new URL('../../../deploy/prometheus/rules.yml', import.meta.url), 'utf8');

/** What is rendered and judged, by what is special about it. */
export const sets: Readonly<Record<string, Values>> = {
  'everything external, in Secrets of the operator': external,
  'everything bundled': bundled,
  'URLs in the values': {
    ...external,
    database: { url: 'postgres://coucou:a@db/coucou', owner: { url: 'postgres://coucou_owner:b@db/coucou' } },
    redis: { url: 'rediss+cluster://:c@a:6379,b:6379' },
    secretKey: { value: 'k'.repeat(32) },
  },
  'an existing secret key': { ...external, secretKey: { existingSecret: 'coucou-key' } },
  'PostgreSQL bundled, Redis external': {
    ...bundled,
    bundled: { postgresql: { enabled: true } },
    redis: { existingSecret: 'coucou-redis' },
  },
  'PostgreSQL external, Redis bundled': { ...external, redis: {}, bundled: { redis: { enabled: true, storageClass: 'fast' } } },
  'one replica without Redis': { ...external, redis: {}, replicaCount: 1 },
  'one replica on a volume of its own': {
    ...bundled,
    replicaCount: 1,
    files: { persistence: { enabled: true, accessMode: 'ReadWriteOnce', storageClass: 'fast', size: '5Gi' } },
  },
  'an existing volume': { ...external, files: { persistence: { enabled: true, existingClaim: 'shared' } } },
  'a standby, by Secret': { ...external, database: { ...external.database, read: { fromExistingSecret: true } } },
  'a standby, by URL': { ...external, database: { ...external.database, read: { url: 'postgres://coucou:a@standby/coucou' } } },
  'no migration': { ...external, database: { existingSecret: 'coucou-database' }, migration: { enabled: false } },
  'autoscaling by sockets and CPU': { ...external, autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 20 } },
  'autoscaling by CPU alone': { ...external, autoscaling: { enabled: true, targetSockets: 0 } },
  'a longer drain': { ...external, drain: { preStopSeconds: 15, seconds: 60 } },
  'settings, plain and secret': {
    ...external,
    settings: { LOG_LEVEL: 'warn', MAX_GROUP_SIZE: 500, EMBEDDED: false, SCHEDULES: 'attachments.collect=every 1h' },
    secretSettings: { SMTP_URL: { secret: 'coucou-mail', key: 'url' }, SYSTEM_KEY: { secret: 'coucou-system', key: 'key' } },
    trustProxy: ['10.0.0.0/8', 'fd00::/8'],
  },
  'an Ingress': {
    ...external,
    ingress: {
      enabled: true,
      className: 'haproxy',
      annotations: { 'haproxy.org/timeout-tunnel': '2m' },
      tls: [{ hosts: ['chat.example.com'], secretName: 'chat-tls' }],
    },
  },
  'an Ingress with hosts of its own': { ...external, ingress: { enabled: true, hosts: ['a.example.com', 'b.example.com'] } },
  'a Gateway': { ...external, gateway: { enabled: true, parentRefs: [{ name: 'public', namespace: 'gateways', sectionName: 'https' }] } },
  'a Gateway with cookies': {
    ...external,
    gateway: { enabled: true, parentRefs: [{ name: 'public' }], hostnames: ['chat.example.com'], sessionPersistence: true },
  },
  'monitoring by the operator of Prometheus': {
    ...external,
    metrics: { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } }, prometheusRule: { enabled: true, rules } },
  },
  'no metrics': { ...external, metrics: { enabled: false } },
  'no network policy': { ...external, networkPolicy: { enabled: false } },
  'a narrow network policy': {
    ...external,
    networkPolicy: {
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateways' } } }],
      databaseTo: [{ ipBlock: { cidr: '10.0.1.0/24' } }],
      databasePort: 6432,
      redisTo: [{ ipBlock: { cidr: '10.0.2.0/24' } }],
      redisPorts: [6379, 26379],
      egressPorts: [443],
      extraEgress: [{ to: [{ ipBlock: { cidr: '10.0.3.5/32' } }], ports: [{ port: 9000, protocol: 'TCP' }] }],
    },
  },
  'an image by digest, from a private registry': {
    ...external,
    image: { repository: 'registry.internal/coucou', digest: `sha256:${'0'.repeat(64)}`, pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'registry' }],
  },
  placement: {
    ...external,
    nodeSelector: { pool: 'chat' },
    tolerations: [{ key: 'chat', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: {
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone' } }] },
    },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } },
    ],
    priorityClassName: 'high',
    podAnnotations: { note: 'yes' },
    podLabels: { team: 'chat' },
    podDisruptionBudget: { maxUnavailable: '25%' },
  },
  'a given service account, and a service of type LoadBalancer': {
    ...external,
    serviceAccount: { create: false, name: 'chat-servers' },
    service: { type: 'LoadBalancer', port: 443, sessionAffinity: 'ClientIP', annotations: { a: 'b' } },
    podDisruptionBudget: { enabled: false },
  },
};

/** What the chart itself refuses, and a part of what it says. */
export const refused: Readonly<Record<string, readonly [Values, RegExp]>> = {
  'no database': [{ ...external, database: {} }, /There is no database: set database\.existingSecret/],
  'two databases': [{ ...external, bundled: { postgresql: { enabled: true } } }, /Two databases/],
  'two servers of Redis': [{ ...external, bundled: { redis: { enabled: true } } }, /Two servers of Redis/],
  'no owner for the migration': [{ ...external, database: { existingSecret: 'a' } }, /needs the owner of the database/],
  'two replicas without Redis': [{ ...external, redis: {} }, /Several replicas need Redis/],
  'autoscaling without Redis': [{ ...external, redis: {}, replicaCount: 1, autoscaling: { enabled: true } }, /Several replicas need Redis/],
  'attachments in the pod': [{ ...external, files: {} }, /Attachments would be lost/],
  'two replicas on a volume of one node': [
    { ...external, files: { persistence: { enabled: true, accessMode: 'ReadWriteOnce' } } },
    /accessMode=ReadWriteMany/,
  ],
  'a bucket without a key': [{ ...external, files: { s3: { bucket: 'a' } } }, /The bucket needs a key/],
  'a standby in no Secret': [
    { ...external, database: { url: 'postgres://a/b', owner: { url: 'postgres://c/d' }, read: { fromExistingSecret: true } } },
    /needs database\.existingSecret/,
  ],
  'a route to no Gateway': [{ ...external, gateway: { enabled: true } }, /parentRefs/],
  'rules without a file': [{ ...external, metrics: { prometheusRule: { enabled: true } } }, /--set-file metrics\.prometheusRule\.rules/],
  'the owner among the settings': [{ ...external, settings: { DATABASE_OWNER_URL: 'postgres://a/b' } }, /not for servers/],
  'the owner among the secret settings': [
    { ...external, secretSettings: { DATABASE_OWNER_URL_FILE: { secret: 'a', key: 'b' } } },
    /not for servers/,
  ],
  'a setting that the chart makes': [{ ...external, settings: { REDIS_URL: 'redis://a' } }, /a value of its own in this chart/],
};

/** What values.schema.json refuses. */
export const invalid: Readonly<Record<string, Values>> = {
  'no publicUrl': { ...external, publicUrl: '' },
  'a publicUrl with a path': { ...external, publicUrl: 'https://example.com/chat' },
  'a name with a typing error': { ...external, replicas: 3 },
  'a nested name with a typing error': { ...external, database: { existingsecret: 'a' } },
  'a drain shorter than the server takes': { ...external, drain: { seconds: 10 } },
  'a short secret key': { ...external, secretKey: { value: 'short' } },
  'a URL of another database': { ...external, database: { url: 'mysql://a/b' } },
  'a setting in small letters': { ...external, settings: { logLevel: 'info' } },
  'an unknown access mode': { ...external, files: { persistence: { enabled: true, accessMode: 'ReadOnlyMany' } } },
  'text where a number is meant': { ...external, replicaCount: '2' },
  'a budget that forbids every eviction': { ...external, podDisruptionBudget: { maxUnavailable: 0 } },
  'everybody as a proxy': { ...external, trustProxy: ['true'] },
};
