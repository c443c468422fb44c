import { spawn } from 'node:child_process';

/** The program of each platform that opens an address as the person's desktop would; elsewhere it is that of freedesktop. */
const programs: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  // `start` is a word of the shell; its first argument in quotes would be the title of a window.
  win32: ['cmd', '/c', 'start', '""'],
};

/** Opens the browser, which outlives the server. A machine without one misses nothing: the banner names the address. */
export function openBrowser(url: string, platform: NodeJS.Platform = process.platform): void {
  const [program, ...args] = programs[platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}
