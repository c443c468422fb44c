// `node tools/run.mjs <server|everything> <command> …`: what every script of package.json begins with. Installs what the command needs, if it
// is not there, and runs the command on Node 24. Plain JavaScript without a dependency: on a fresh clone it runs on whatever Node there is.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(repository, 'node_modules');
const [set, ...command] = process.argv.slice(2);

const isRecent = (version) => {
  const [major, minor] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 15);
};

/** What pnpm says of its last installation; `undefined` where there is none. */
function installation() {
  try {
    return JSON.parse(readFileSync(join(modules, '.pnpm-workspace-state-v1.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The arguments of the installation that is needed, and what it is for; `undefined` when all is there. */
function missing() {
  const state = installation();
  const isWhole = state !== undefined && state.filteredInstall !== true && state.settings?.dev !== false;
  const isCurrent = state !== undefined && statSync(join(repository, 'pnpm-lock.yaml')).mtimeMs <= state.lastValidatedTimestamp;
  if (isCurrent && (isWhole || set === 'server')) return undefined;
  // Never fewer packages than there are: who has everything gets everything.
  if (set === 'everything' || isWhole) return { what: 'everything that building and testing need', args: ['--frozen-lockfile'] };
  // The lockfile is the repository's own and names every package by its hash; asking the registry for the age of each, also of the hundreds that
  // are not installed here, takes longer than installing. `check`, `test` and CI ask: they install without this.
  const filters = ['--prod', '--filter', '{.}', '--filter', '@coucou/server...'];
  return { what: 'what the server needs', args: ['--frozen-lockfile', '--trust-lockfile', ...filters] };
}

function install({ what, args }) {
  process.stderr.write(`Installing ${what} …\n`);
  const pnpm = process.env.npm_execpath;
  const isPnpm = pnpm !== undefined && /pnpm/.test(pnpm);
  const [file, before] = isPnpm ? (/\.[cm]?js$/.test(pnpm) ? [process.execPath, [pnpm]] : [pnpm, []]) : ['npx', ['-y', 'pnpm@12']];
  const { status, signal, error } = spawnSync(file, [...before, 'install', ...args], {
    cwd: repository,
    // Standard output belongs to the command.
    stdio: ['ignore', 2, 2],
    shell: !isPnpm && process.platform === 'win32',
  });
  if (error) fail(`pnpm could not be started (${error.message}); run \`npx -y pnpm@12 install\` and try again`);
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) fail('the installation failed, see above; run the command again to go on where it stopped');
}

/** Node 24: the one of the workspace, which comes on Linux with glibc, or else the machine's own. */
function nodePath() {
  const own = join(modules, '.bin', 'node');
  if (existsSync(own) && sameFile(own, process.execPath)) return process.execPath;
  if (existsSync(own)) {
    const { status, stdout } = spawnSync(own, ['--version'], { encoding: 'utf8' });
    if (status === 0 && isRecent(stdout.slice(1))) return own;
  }
  if (isRecent(process.versions.node)) return process.execPath;
  const how =
    {
      darwin: 'install it with `brew install node@24`, or from https://nodejs.org',
      win32: 'install it with `winget install OpenJS.NodeJS.LTS`, or from https://nodejs.org',
      linux: 'on Alpine install it with `apk add nodejs-current` or use the image node:24-alpine; otherwise see https://nodejs.org',
    }[process.platform] ?? 'install it from https://nodejs.org';
  return fail(`Coucou needs Node 24.15 or newer, and this is Node ${process.versions.node}; ${how}`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const toInstall = missing();
if (toInstall !== undefined) install(toInstall);
const node = nodePath();
const [program, ...args] = command;
if (program === 'node' && node === process.execPath && !args[0].startsWith('-')) {
  // No second process between the terminal and the server.
  const script = resolve(args[0]);
  process.argv = [process.execPath, script, ...args.slice(1)];
  await import(pathToFileURL(script).href);
} else {
  const env = { ...process.env, PATH: [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter) };
  const file = program === 'node' ? node : join(modules, '.bin', program);
  const child = spawn(file, args, { stdio: 'inherit', env, shell: program !== 'node' && process.platform === 'win32' });
  // The terminal sends Ctrl-C to both; other signals reach this process alone.
  process.on('SIGINT', () => {});
  for (const name of ['SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  child.on('error', (error) => fail(`${program} could not be started: ${error.message}`));
  child.on('exit', (code, name) => {
    if (name === null) process.exit(code ?? 1);
    for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(each);
    process.kill(process.pid, name);
  });
}

function sameFile(one, other) {
  const [a, b] = [statSync(one), statSync(other)];
  return a.ino === b.ino && a.dev === b.dev;
}
