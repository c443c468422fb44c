import './require-node.mjs';

await import('./src/cli/main.ts');
