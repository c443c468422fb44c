import { readFileSync } from 'node:fs';

const { version: own } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** Of the product: all packages have one version (`fixed` in .changeset/config.json). */
export const version = own;
