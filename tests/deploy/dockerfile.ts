/** One instruction of a Dockerfile, continuation lines joined. */
export interface Instruction {
  keyword: string;
  /** Without flags. */
  value: string;
  /** `--mount=…`, `--from=…`, `--interval=…`. */
  flags: string[];
}

/** The stages of a Dockerfile, each beginning with its FROM. */
export function stages(text: string): Instruction[][] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');

  const result: Instruction[][] = [];
  for (const line of lines) {
    const {
      keyword = '',
      flags = '',
      value = '',
    } = /^(?<keyword>\S+)\s+(?<flags>(--\S+\s+)*)(?<value>.*)$/.exec(line.trim())?.groups ?? {};
    const instruction = { keyword: keyword.toUpperCase(), value, flags: flags.split(/\s+/).filter(Boolean) };
    if (instruction.keyword === 'FROM') result.push([]);
    result.at(-1)?.push(instruction);
  }
  return result;
}

/** What a stage sets with ENV. */
export function environment(stage: Instruction[]): Record<string, string> {
  const pairs = stage.filter(({ keyword }) => keyword === 'ENV').flatMap(({ value }) => value.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}

/** The words of an instruction in exec form (`["node", "main.ts"]`). */
export function words({ value }: Instruction): string[] {
  return JSON.parse(value.replace(/^CMD\s+/, '')) as string[];
}
