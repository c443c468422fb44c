import { parseArgs } from 'node:util';
import { type Command, print, UsageError } from './command.ts';
import type { Listed } from './list.ts';

const help = `pnpm cli completion bash   print a script that completes commands, their actions and their options
pnpm cli completion zsh
pnpm cli completion fish

  source <(pnpm --silent cli completion bash)       in ~/.bashrc
  source <(pnpm --silent cli completion zsh)        in ~/.zshrc, after compinit
  pnpm --silent cli completion fish | source        in config.fish`;

/** A command with what may follow it. */
export type Completed = Listed & Readonly<{ words: readonly string[] }>;

/** Actions and options as the help of a command names them. */
export function wordsOf(name: string, text: string): readonly string[] {
  const actions = [...text.matchAll(new RegExp(String.raw`^pnpm cli ${name} ([a-z][a-z-]*)(?![\w.-])`, 'gm'))].map(([, word = '']) => word);
  // Other programs' options stand in prose.
  const declared = [...text.matchAll(/^(?:pnpm | +--).*$/gm)].join('\n');
  const options = [...declared.matchAll(/(?<![\w-])--[a-z][a-z\d-]*/g)].map(([option]) => option);
  return [...new Set([...actions, ...options, '--help'])];
}

/** Completes `pnpm cli …` and leaves the rest of pnpm to what completed it before. */
function bash(commands: readonly Completed[]): string {
  return `_coucou_cli() {
  if [ "\${COMP_WORDS[1]}" != cli ]; then
    if [ -n "$_coucou_cli_before" ]; then "$_coucou_cli_before" "$@"; fi
    return
  fi
  local current="\${COMP_WORDS[COMP_CWORD]}" words=
  if [ "$COMP_CWORD" -eq 2 ]; then
    words='${commands.map(({ name }) => name).join(' ')} --help --version'
  else
    case "\${COMP_WORDS[2]}" in
${commands.map(({ name, words }) => `      ${name}) words='${words.join(' ')}' ;;`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
_coucou_cli_found=$(complete -p pnpm 2>/dev/null | sed -n 's/.*-F \\([^ ]*\\).*/\\1/p')
if [ "$_coucou_cli_found" != _coucou_cli ]; then _coucou_cli_before=$_coucou_cli_found; fi
complete -o default -F _coucou_cli pnpm`;
}

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;

function fish(commands: readonly Completed[]): string {
  const atCommand = `test (count (commandline -opc)) -eq 2; and test (commandline -opc)[2] = cli`;
  const after = (name: string) =>
    `set -l words (commandline -opc); test (count $words) -ge 3; and test "$words[2] $words[3]" = "cli ${name}"`;
  return commands
    .flatMap(({ name, summary, words }) => [
      `complete -c pnpm -n ${quoted(atCommand)} -a ${name} -d ${quoted(summary)}`,
      `complete -c pnpm -n ${quoted(after(name))} -a ${quoted(words.join(' '))}`,
    ])
    .join('\n');
}

export const scripts = {
  bash,
  zsh: (commands: readonly Completed[]) => `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`,
  fish,
} as const;

export const completion = (commands: readonly (Listed & Readonly<{ load: () => Promise<Command> }>)[]): Command => ({
  help,
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const [shell = '', ...more] = positionals;
    if (!Object.hasOwn(scripts, shell) || more.length > 0) throw new UsageError(`name a shell: ${Object.keys(scripts).join(', ')}`);
    const known: Completed[] = [];
    for (const { name, summary, load } of commands) known.push({ name, summary, words: wordsOf(name, (await load()).help) });
    print(scripts[shell as keyof typeof scripts](known));
  },
});
