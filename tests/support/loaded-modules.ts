import { readFile } from 'node:fs/promises';

/** Environment under which a Node process writes the address of every module that it loads into a file. */
export function recordingModules(file: string): Record<string, string> {
  const code = `import { appendFileSync } from 'node:fs'; import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(file)}, url + '\\n'); return next(url, context); } });`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

export const loadedModules = async (file: string): Promise<string[]> => (await readFile(file, 'utf8')).split('\n');
