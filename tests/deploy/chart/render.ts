import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { findBinary, privateDirectory } from '../../support/machine.ts';

const repository = path.resolve(import.meta.dirname, '../../..');
export const chart = path.join(repository, 'deploy/helm/coucou');
/** Where Debian keeps the libraries (golang-github-masterminds-sprig-dev, golang-k8s-sigs-yaml-dev). */
const LIBRARIES = '/usr/share/gocode';

export type Values = Readonly<Record<string, unknown>>;

// oxlint-disable-next-line typescript/no-explicit-any -- objects of any kind are looked into, after schemas have judged them
export type KubernetesObject = Record<string, any>;

/** `helm template` leaves the notes out. */
export type Rendered = Readonly<{ objects: readonly KubernetesObject[]; notes?: string }>;

export type Renderer = Readonly<{
  /** Which program renders. */
  name: string;
  /** Rejects with the message of the chart where it refuses the values. */
  render(values: Values): Promise<Rendered>;
  stop(): Promise<void>;
}>;

/** Helm itself where the machine has it, else the small renderer beside this file where Go and its libraries are. */
export async function openRenderer(): Promise<Renderer | undefined> {
  if (findBinary('helm', ['/usr/local/bin']) !== undefined) return openHelm();
  const go = findBinary('go', ['/usr/bin', '/usr/local/go/bin']);
  if (go === undefined || !existsSync(path.join(LIBRARIES, 'src/github.com/Masterminds/sprig'))) return undefined;
  return openOwn(path.join(go, 'go'));
}

const RELEASE = { Name: 'chat', Namespace: 'messaging', Service: 'Helm', Revision: 1, IsInstall: true, IsUpgrade: false };

async function openHelm(): Promise<Renderer> {
  const directory = await privateDirectory('helm');
  let count = 0;
  return {
    name: 'helm',
    async render(values) {
      const file = path.join(directory, `${(count += 1)}.json`);
      await writeFile(file, JSON.stringify(values));
      const { Name, Namespace } = RELEASE;
      const options = ['--namespace', Namespace, '--values', file];
      const { stdout } = await promisify(execFile)('helm', ['template', Name, chart, ...options], { maxBuffer: 64 << 20 });
      return { objects: objectsIn(stdout) };
    },
    stop: () => rm(directory, { recursive: true }),
  };
}

/** Built once for each state of its source. */
function build(go: string): string {
  const source = path.join(import.meta.dirname, 'renderer');
  const hash = createHash('sha256')
    .update(readFileSync(path.join(source, 'main.go')))
    .digest('hex')
    .slice(0, 16);
  const binary = path.join(repository, '.cache', `chart-renderer-${hash}`);
  if (!existsSync(binary)) {
    mkdirSync(path.dirname(binary), { recursive: true });
    const env = { ...process.env, GO111MODULE: 'off', GOPATH: LIBRARIES, GOFLAGS: '' };
    execFileSync(go, ['build', '-o', `${binary}.${process.pid}`, '.'], { cwd: source, env, stdio: 'pipe' });
    renameSync(`${binary}.${process.pid}`, binary);
  }
  return binary;
}

function openOwn(go: string): Renderer {
  const child = spawn(build(go), [chart], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (values: Values): Promise<Rendered> => {
    child.stdin.write(`${JSON.stringify({ Values: values, Release: RELEASE, Cluster: {} })}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('the renderer ended');
    const { files, error } = JSON.parse(value) as { files: Record<string, string>; error?: string };
    if (error !== undefined) throw new Error(error);
    const { 'templates/NOTES.txt': notes = '', ...manifests } = files;
    return { objects: Object.values(manifests).flatMap(objectsIn), notes };
  };
  return {
    name: 'tests/deploy/chart/renderer',
    render(values) {
      const answer = last.then(() => ask(values));
      last = answer.catch(() => {});
      return answer;
    },
    async stop() {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}

function objectsIn(text: string): KubernetesObject[] {
  // YAML 1.1, as Kubernetes reads it: 0440 is octal.
  const documents = parseAllDocuments(text, { version: '1.1' });
  return documents
    .map((document) => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS() as KubernetesObject;
    })
    .filter((object) => object !== null);
}
