import module from 'node:module';
import './require-node.mjs';

// As in start.mjs.
module.enableCompileCache();

await import('./src/cli/main.ts');
