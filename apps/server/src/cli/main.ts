import { requireNode } from '../start/node-version.ts';

// Before anything is loaded that an older Node could not read.
requireNode();
const { run } = await import('./run.ts');
await run(process.argv.slice(2));
