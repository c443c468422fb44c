const NEEDED = [24, 15] as const;

/** Ends the process with a sentence when Node is too old. Plain enough for any Node that reads TypeScript at all. */
export function requireNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return;
  process.stderr.write(
    `Coucou needs Node ${NEEDED.join('.')} or newer, and this is Node ${process.versions.node}; install it from https://nodejs.org, or run \`npx -y pnpm@12 start\`, which brings it on Linux\n`,
  );
  process.exit(1);
}
