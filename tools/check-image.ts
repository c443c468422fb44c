// `pnpm check:image`: replays the Dockerfile without an engine. Lays out each stage below a scratch folder (the tracked
// files that .dockerignore lets through, then the installation), and starts the server of the last stage as the image
// would, on the embedded database. What it cannot replay, such as the base image, it names.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, matchesGlob, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { environment, type Instruction, stages, words } from '../tests/deploy/dockerfile.ts';

const repository = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'coucou-image-'));
const patience = 60_000;

try {
  const all = stages(readFileSync(join(repository, 'Dockerfile'), 'utf8'));
  const names = all.map(([from], index) => / AS (\S+)/i.exec(from?.value ?? '')?.[1] ?? String(index));
  const roots = new Map(names.map((name) => [name, join(scratch, name)]));

  for (const [index, stage] of all.entries()) replay(stage, root(roots, names[index]), roots);

  const image = all.at(-1) ?? [];
  const command = image.findLast(({ keyword }) => keyword === 'CMD');
  if (!command) throw new Error('The Dockerfile has no CMD.');
  await start(words(command), join(root(roots, names.at(-1)), workdir(image)), environment(image));
  console.log('✔ the image would start');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function replay(stage: Instruction[], stageRoot: string, roots: Map<string, string>): void {
  let directory = stageRoot;
  for (const { keyword, value, flags } of stage) {
    if (keyword === 'WORKDIR') {
      directory = join(stageRoot, value);
      mkdirSync(directory, { recursive: true });
    } else if (keyword === 'COPY') {
      const [from = '', to = ''] = value.split(/\s+/);
      const source = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length);
      if (source) cpSync(join(root(roots, source), from), join(directory, to), { recursive: true, verbatimSymlinks: true });
      else for (const file of context()) cpSync(join(repository, file), prepare(join(directory, to, file)));
    } else if (keyword === 'RUN' && value.startsWith('pnpm ')) {
      // The store of this machine replaces the cache mount.
      const [program = '', ...args] = value.replace(/--store-dir \S+ /, '').split(/\s+/);
      console.log(`RUN ${[program, ...args].join(' ')}`);
      execFileSync(program, args, { cwd: directory, stdio: 'inherit', env: { ...process.env, CI: 'true' } });
    } else if (keyword === 'RUN' || keyword === 'FROM') {
      console.log(`not replayed: ${keyword} ${value}`);
    }
  }
}

/** The tracked files that .dockerignore lets into the build. As in Docker, the last pattern that matches decides. */
function context(): string[] {
  const patterns = readFileSync(join(repository, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() && !line.startsWith('#'));
  const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: repository, encoding: 'utf8' });
  return tracked.split('\n').filter((file) => {
    if (!file) return false;
    const decisive = patterns.findLast((pattern) => {
      const glob = pattern.replace(/^!/, '');
      return matchesGlob(file, glob) || matchesGlob(file, `${glob}/**`);
    });
    return !decisive || decisive.startsWith('!');
  });
}

/** Starts the server on a free port, asks whether it lives, and ends it as an orchestrator would. */
async function start([program = '', ...args]: string[], cwd: string, variables: Record<string, string>): Promise<void> {
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      ...variables,
      HOST: '127.0.0.1',
      PORT: '0',
      EMBEDDED: '1',
      DATA_DIR: join(scratch, 'data'),
      LOG_FORMAT: 'json',
    },
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const deadline = setTimeout(() => child.kill('SIGKILL'), patience);
  try {
    let url: string | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      url = readyUrl(line);
      if (url) break;
      console.log(line);
    }
    if (!url) throw new Error(`The server ended with code ${await ended} before it was ready.`);
    const { ok, status } = await fetch(new URL('/health/live', url));
    if (!ok) throw new Error(`/health/live answered ${status}.`);
    child.stdout.resume();
    child.kill('SIGTERM');
    const code = await ended;
    if (code !== 0) throw new Error(`The server ended with code ${code} on SIGTERM.`);
  } finally {
    clearTimeout(deadline);
    child.kill('SIGKILL');
  }
}

function readyUrl(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
  return msg === 'ready' ? url : undefined;
}

function workdir(stage: Instruction[]): string {
  return stage.findLast(({ keyword }) => keyword === 'WORKDIR')?.value ?? '/';
}

function root(roots: Map<string, string>, name = ''): string {
  const found = roots.get(name);
  if (!found) throw new Error(`The Dockerfile has no stage "${name}".`);
  return found;
}

function prepare(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  return path;
}
