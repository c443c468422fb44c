// `pnpm create-feature <name>`: writes a feature package that compiles, starts and passes its own test, and adds the three
// lines by which the server takes it up. The files stand in tools/create-feature/ as they are written, with {{names}}.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const repository = resolve(import.meta.dirname, '..');
const templates = join(import.meta.dirname, 'create-feature');

const help = `pnpm create-feature <name>

Writes packages/<name>: a feature with a table, an operation, an event, an error and a test, to be changed into yours.
Adds it to the server: one line each in feature-list.ts, package.json and tsconfig.json of apps/server.

<name>   one or more words in lower case with hyphens between them, such as polls or team-notes; at most 20 characters`;

const NAME = /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/;
const LONGEST = 20;
/** What is no feature in packages/, now or later, and the core's own schema set. */
const RESERVED = ['application', 'client', 'contracts', 'coucou', 'domain', 'infrastructure'];

const LIST = 'apps/server/src/composition/feature-list.ts';
const MANIFEST = 'apps/server/package.json';
const PROJECT = 'apps/server/tsconfig.json';

try {
  const { values, positionals } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
  const [name, ...more] = positionals;
  if (values.help) console.log(help);
  else if (name === undefined || more.length > 0) throw new Error(`Give one name.\n\n${help}`);
  else create(name);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function create(name: string): void {
  requireName(name);
  const names = namesOf(name);
  // Read before anything is written, so that a fault leaves nothing half done.
  const written = globSync('**/*.template', { cwd: templates })
    .toSorted()
    .map((file) => [`packages/${name}/${file.replace(/\.template$/, '')}`, fill(read(join(templates, file)), names)] as const);
  const edited = edits(name, names).filter(([file, text]) => text !== read(join(repository, file)));

  for (const [file, text] of [...written, ...edited]) {
    mkdirSync(dirname(join(repository, file)), { recursive: true });
    writeFileSync(join(repository, file), text);
  }
  console.log(`${[...written.map(([file]) => `wrote  ${file}`), ...edited.map(([file]) => `edited ${file}`)].join('\n')}

Next:
  pnpm install                                          links the package
  pnpm generate                                         documents its operation and its event
  npx vitest run --project fast packages/${name}    runs its test`);
}

/** Throws a sentence for the person at the terminal. */
function requireName(name: string): void {
  if (!NAME.test(name) || name.length > LONGEST)
    throw new Error(
      `"${name}" cannot name a feature: use words in lower case with hyphens between them, such as team-notes, at most ${LONGEST} characters.`,
    );
  const taken = (by: string): Error => new Error(`"${name}" is taken by ${by}: choose another name.`);
  if (RESERVED.includes(name)) throw taken('the core');
  if (existsSync(join(repository, 'packages', name))) throw taken(`packages/${name}`);
  const packages = globSync('{packages/infrastructure/*,apps/*,tests,bench}/package.json', { cwd: repository });
  const owner = packages.find((file) => manifest(file).name === `@coucou/${name}`);
  if (owner !== undefined) throw taken(dirname(owner));
  const { camel } = namesOf(name);
  const listed = new RegExp(`\\b${camel}Feature\\b.*'(?!@coucou/${name}/)(.+)'`).exec(read(join(repository, LIST)))?.[1];
  if (listed !== undefined) throw taken(listed);
}

type Names = Readonly<Record<'name' | 'Name' | 'camel' | 'snake' | 'SCREAM', string>>;

/** `team-notes` is also TeamNotes, teamNotes, team_notes and TEAM_NOTES. */
function namesOf(name: string): Names {
  const Name = name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  const snake = name.replaceAll('-', '_');
  return { name, Name, camel: Name.charAt(0).toLowerCase() + Name.slice(1), snake, SCREAM: snake.toUpperCase() };
}

function fill(template: string, names: Names): string {
  return Object.entries(names).reduce((text, [key, value]) => text.replaceAll(`{{${key}}}`, value), template);
}

/** The files of the server with its lines for the package, each in its place; a line that is there already stays. */
function edits(name: string, { camel }: Names): (readonly [file: string, text: string])[] {
  return [
    [LIST, withLine(LIST, `export { ${camel}Feature } from '@coucou/${name}/feature';`, /^export /)],
    [MANIFEST, withLine(MANIFEST, `    "@coucou/${name}": "workspace:*",`, /^ {4}"@coucou\//)],
    [PROJECT, withLine(PROJECT, `    { "path": "../../packages/${name}" },`, /^ {4}\{ "path": "\.\.\/\.\.\/packages\/[^/"]+" \},/)],
  ];
}

/** The file with `line` after those of its kind that sort before it. */
function withLine(file: string, line: string, kind: RegExp): string {
  const lines = read(join(repository, file)).split('\n');
  if (lines.includes(line)) return lines.join('\n');
  const first = lines.findIndex((other) => kind.test(other));
  if (first === -1) throw new Error(`${file} has no line like "${line.trim()}": add it by hand.`);
  const before = lines.findLastIndex((other) => kind.test(other) && other < line);
  return lines.toSpliced(before === -1 ? first : before + 1, 0, line).join('\n');
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

function manifest(file: string): { name?: string } {
  return JSON.parse(read(join(repository, file))) as { name?: string };
}
