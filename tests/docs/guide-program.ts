/** A guide as a program: what stands in its blocks, at the very lines where it stands, so that an error names the line to look at. */

const WHERE = 'http://127.0.0.1:3000';
const SHELL_ANSWER = /^# → (.+)$/;
const SHOWN = /^(.*console\.log\(.*;) \/\/ → (.+)$/;

export type Program = Readonly<{ source: string; steps: number; expectations: number }>;

/** `url` takes the place of the address that the guide names. */
export function programOf(markdown: string, url: string): Program {
  const lines = markdown.replaceAll(WHERE, url).split('\n');
  const out: string[] = [];
  let [fence, steps, expectations] = ['', 0, 0];
  let script: string[] = [];
  for (const [index, line] of lines.entries()) {
    const at = index + 1;
    if (line.startsWith('```')) {
      const rest = script.some((command) => command.trim() !== '') ? shell(at, script, '') : '';
      steps += rest === '' ? 0 : 1;
      script = [];
      fence = fence === '' ? line.slice(3).trim() : '';
      out.push(rest);
    } else if (fence === 'sh') {
      const [, expected] = SHELL_ANSWER.exec(line) ?? [];
      out.push(expected === undefined ? '' : shell(at, script, expected));
      if (expected === undefined) script.push(line);
      else [script, steps, expectations] = [[], steps + 1, expectations + 1];
    } else if (fence === 'js') {
      const [, statement, expected] = SHOWN.exec(line) ?? [];
      out.push(statement === undefined ? line : `${statement} guide.shown(${at}, [${expected}]);`);
      if (statement === undefined && line.includes('// →')) throw new Error(`line ${at} expects something of no console.log`);
      expectations += statement === undefined ? 0 : 1;
      steps += line.trim() === '' ? 0 : 1;
    } else {
      out.push('');
    }
  }
  const runtime = JSON.stringify(new URL('./guide-runtime.ts', import.meta.url).href);
  // Imports are hoisted: on the first line this one moves no other.
  out[0] = `import * as guide from ${runtime}; ${out[0]}`;
  return { source: out.join('\n'), steps, expectations };
}

const shell = (at: number, script: readonly string[], expected: string): string =>
  `await guide.shell(${at}, ${JSON.stringify(script.join('\n'))}, ${JSON.stringify(expected)});`;
