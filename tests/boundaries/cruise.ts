import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

export const repository = resolve(fileURLToPath(import.meta.url), '../../..');

const options = await extractDepcruiseOptions(resolve(repository, '.dependency-cruiser.cjs'));

export const rules: IForbiddenRuleType[] = options.ruleSet?.forbidden ?? [];

/** Cruises `folders` of the tree at `root` under the rules of this repository. */
export async function cruiseTree(root: string, folders: string[]): Promise<ICruiseResult> {
  const { output } = await cruise(folders, { ...options, baseDir: root });
  if (typeof output === 'string') throw new Error('The cruiser was asked for an object and answered with text.');
  return output;
}

/** One line per violation: the rule, the import, and the reason the rule gives. */
export function violations(result: ICruiseResult): string[] {
  return result.summary.violations.map(({ rule, from, to }) => {
    const reason = rules.find(({ name }) => name === rule.name)?.comment;
    return `${rule.name}: ${from} → ${to} (${reason})`;
  });
}

/** How many modules of `result` lie below `folder`. */
export function modulesIn(result: ICruiseResult, folder: string): number {
  return result.modules.filter(({ source }) => source.startsWith(`${folder}/`)).length;
}

/** How many imports lead from a module below `from` to one below `to`. */
export function edges(result: ICruiseResult, from: string, to: string): number {
  return result.modules
    .filter(({ source }) => source.startsWith(`${from}/`))
    .flatMap(({ dependencies }) => dependencies)
    .filter(({ resolved }) => resolved.startsWith(`${to}/`)).length;
}

/** How many imports lead from a module below `from` to the library of that name; an empty name counts all libraries. */
export function libraryImports(result: ICruiseResult, from: string, library: string): number {
  const paths = [`/node_modules/${library}`, `/node_modules/@types/${library}`].map((path) => (library ? `${path}/` : path));
  return result.modules
    .filter(({ source }) => source.startsWith(from && `${from}/`))
    .flatMap(({ dependencies }) => dependencies)
    .filter(({ resolved }) => paths.some((path) => resolved.includes(path))).length;
}
