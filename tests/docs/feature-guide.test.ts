import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cruiseTree, violations } from '../boundaries/cruise.ts';
import { COPIED_WITHIN_MS, type Copy, copyRepository, repository, TSC } from '../features/workspace.ts';

/** What the guide shows is added to the package that the generator writes, in a copy of the repository, and has to work there. */

const guide = path.join(repository, 'docs/guides/add-a-feature.md');
const markdown = readFileSync(guide, 'utf8');

/** Its code by the file of the package that each block begins with, as in ```ts src/feature.ts. */
const blocks = [...markdown.matchAll(/^```(ts|sql)(?: (\S+))?\n([^]*?)^```$/gm)].map(([, , file, text = '']) => ({ file, text }));

describe('the guide "add a feature"', () => {
  let copy: Copy;
  beforeAll(async () => {
    copy = await copyRepository();
    await copy.run('tools/create-feature.ts', 'remarks');
    copy.link();
    for (const { file = '', text } of blocks) {
      const target = path.join(copy.root, 'packages/remarks', file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }, COPIED_WITHIN_MS);
  afterAll(() => copy?.remove());

  it('names the file of each of its blocks, once', () => {
    const files = blocks.map(({ file }) => file);
    expect(files.length).toBeGreaterThan(15);
    expect(files.filter((file) => file === undefined || !markdown.includes(`\`${file}\``))).toEqual([]);
    expect(new Set(files).size).toBe(files.length);
  });

  it('shows code that compiles', async () => {
    expect(await copy.run(TSC, '--build', 'packages/remarks', 'tests')).toBe('');
  });

  it('shows code that stays within its rooms, passes the lint and is formatted', async () => {
    expect(violations(await cruiseTree(copy.root, ['packages/remarks', 'apps/server/src/composition']))).toEqual([]);
    expect(await copy.run('node_modules/oxlint/bin/oxlint', 'packages/remarks')).toContain('0 warnings and 0 errors');
    expect(await copy.run('node_modules/@biomejs/biome/bin/biome', 'format', 'packages/remarks')).toContain('No fixes applied');
  });

  it('shows code that does what its tests say', async () => {
    const said = await copy.run('node_modules/vitest/vitest.mjs', 'run', '--project', 'fast', 'packages/remarks');
    expect(said).toMatch(/Test Files .*2 passed/);
  });

  it('refers to headings that are there', () => {
    const slug = (heading: string) => heading.toLowerCase().replaceAll(' ', '-');
    const headings = [...markdown.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => `#${slug(heading)}`);
    const links = [...markdown.matchAll(/\]\((#[^)]+)\)/g)].map(([, link]) => link);
    expect(links.toSorted()).toEqual(headings.toSorted());
  });
});
