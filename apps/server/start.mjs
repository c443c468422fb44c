import module from 'node:module';
import './require-node.mjs';

// Types are stripped and modules compiled once, not at every start; NODE_COMPILE_CACHE says where instead of the temporary directory.
module.enableCompileCache();

await import('./src/main.ts');
