import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as gateway from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import * as prometheus from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import type { KubernetesObject } from './render.ts';

const repository = path.resolve(import.meta.dirname, '../../..');

type Model = new (data: object) => { validate(): void };
const packages: Readonly<Record<string, readonly [string, object]>> = {
  v1: ['kubernetes-models/v1', core],
  'apps/v1': ['kubernetes-models/apps/v1', apps],
  'autoscaling/v2': ['kubernetes-models/autoscaling/v2', autoscaling],
  'batch/v1': ['kubernetes-models/batch/v1', batch],
  'networking.k8s.io/v1': ['kubernetes-models/networking.k8s.io/v1', networking],
  'policy/v1': ['kubernetes-models/policy/v1', policy],
  'gateway.networking.k8s.io/v1': ['@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1', gateway],
  'monitoring.coreos.com/v1': ['@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1', prometheus],
};

/** Throws where an object is none of Kubernetes: by the schemas of its API, made into functions. */
export function validate(object: KubernetesObject): void {
  const [, models] = packages[object['apiVersion']] ?? [];
  const Model = (models as Record<string, Model> | undefined)?.[object['kind']];
  if (Model === undefined) throw new Error(`${object['apiVersion']} ${object['kind']} is unknown`);
  new Model(object).validate();
}

/**
 * The faults of a compiler that reads the objects as literals of the types of the API. The schemas let names pass that they do not have; a literal may
 * have no other.
 */
export async function misspelt(objects: readonly KubernetesObject[]): Promise<string> {
  const directory = path.join(repository, 'tests/.cache', `chart-${process.pid}`);
  await mkdir(directory, { recursive: true });
  const lines = [...new Set(objects.map((object) => JSON.stringify(object)))].map((text, at) => {
    const { apiVersion, kind } = JSON.parse(text) as KubernetesObject;
    return `export const object${at}: import('${packages[apiVersion]?.[0]}').I${kind} = ${text};\n`;
  });
  await writeFile(path.join(directory, 'objects.ts'), lines.join(''));
  const options = [
    '--noEmit',
    '--ignoreConfig',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    '',
    '--pretty',
    'false',
  ];
  const compiler = path.join(repository, 'node_modules/@typescript/native/bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [compiler, ...options, path.join(directory, 'objects.ts')]);
    return '';
  } catch (error) {
    return (error as { stdout?: string }).stdout || String(error);
  } finally {
    await rm(directory, { recursive: true });
  }
}
