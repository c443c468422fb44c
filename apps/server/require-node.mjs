// Plain JavaScript: a Node too old for the rest must be able to read this and say so.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `Coucou needs Node 24.15 or newer, and this is Node ${process.versions.node}; install it from https://nodejs.org, or run \`npx -y pnpm@12 start\`, which brings it on Linux\n`,
  );
  process.exit(1);
}
// What the environment says already has the last word. With --url a command reads no other configuration, but a load test opens its sessions in the
// database that is configured.
const isToldTheServer = process.argv.some((argument) => argument === '--url' || argument.startsWith('--url='));
if (existsSync('.env') && (!isToldTheServer || process.argv.includes('load'))) {
  try {
    process.loadEnvFile('.env');
  } catch ({ code }) {
    process.stderr.write(`the file .env cannot be read (${code}); correct its permissions, or remove it\n`);
    process.exit(1);
  }
}
