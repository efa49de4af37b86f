/** Scripts that complete the command in a shell. Names of structs, ioctls and others come from `iommufd list`, when they are asked for. */
import type { Command, Option } from 'commander';
import { Failure } from '../failure.js';
import { unknown } from '../nearest.js';

/** What the argument of an option, or of a command, is one of. */
const VALUES: Readonly<Record<string, string>> = {
  struct: 'structs records',
  ioctl: 'ioctls',
  veventq: 'queues',
};

/** Names for the argument of a command: a list of `iommufd list`, or words. */
const ARGUMENTS: Readonly<Record<string, { readonly lists?: string; readonly words?: string }>> = {
  explain: { lists: 'ioctls structs records values errnos events commands' },
  layout: { lists: 'structs records' },
  list: { words: 'structs records ioctls queues events commands enums flags values errnos constants' },
  completion: { words: 'bash zsh fish' },
};

interface Described {
  readonly name: string;
  readonly doc: string;
  readonly options: readonly {
    readonly flag: string;
    readonly doc: string;
    readonly lists?: string;
    readonly isFile: boolean;
    readonly words?: string;
  }[];
}

function describe(command: Command): Described {
  return {
    name: command.name(),
    doc: command.description(),
    options: command.options.map((option: Option) => {
      const name = option.long?.replace(/^--/, '') ?? '';
      const lists = VALUES[name];
      return {
        flag: option.long ?? option.flags,
        doc: option.description,
        ...(lists !== undefined && { lists }),
        ...(option.argChoices !== undefined && { words: option.argChoices.join(' ') }),
        isFile: name === 'file',
      };
    }),
  };
}

const listing = (lists: string): string =>
  lists
    .split(' ')
    .map((list) => `iommufd list --names ${list}`)
    .join('; ');

function bash(commands: readonly Described[]): string {
  const options = commands.map(
    ({ name, options: all }) => `      ${name}) words="${all.map(({ flag }) => flag).join(' ')} --help" ;;`,
  );
  const all = commands.flatMap((command) => command.options);
  const values = Object.keys(VALUES).map(
    (name) => `    --${name}) words="$(${listing(VALUES[name] ?? '')})" ;;`,
  );
  const fixed = [
    ...new Map(all.flatMap(({ flag, words }) => (words === undefined ? [] : [[flag, words] as const]))),
  ].map(([flag, words]) => `    ${flag}) words="${words}" ;;`);
  const args = Object.entries(ARGUMENTS).map(([name, { lists, words }]) =>
    lists === undefined
      ? `        ${name}) words="${words ?? ''}" ;;`
      : `        ${name}) words="$(${listing(lists)})" ;;`,
  );
  return `# bash completion of iommufd: source <(iommufd completion bash)
_iommufd() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" command="\${COMP_WORDS[1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} --help --version" -- "$current"))
    return
  fi
  case "$before" in
${[...values, ...fixed].join('\n')}
    --file) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [ -z "$words" ]; then
    case "$current" in
    -*)
      case "$command" in
${options.join('\n')}
      esac
      ;;
    *)
      case "$command" in
${args.join('\n')}
      esac
      ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _iommufd iommufd
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** In a specification of zsh brackets and colons have meanings of their own. */
const zshText = (text: string): string => text.replace(/[[\]:]/g, '\\$&');

function zsh(commands: readonly Described[]): string {
  // An action in braces is run when names are asked for.
  const named = (lists: string): string => `:name:{compadd -- \${(f)"$(${listing(lists)})"}}`;
  const cases = commands.map(({ name, options }) => {
    const specs = options.map(({ flag, doc, lists, isFile, words }) => {
      const value =
        lists !== undefined
          ? named(lists)
          : isFile
            ? ':file:_files'
            : words !== undefined
              ? `:value:(${words})`
              : '';
      return `${flag}[${zshText(doc)}]${value}`;
    });
    const { lists, words } = ARGUMENTS[name] ?? {};
    const argument =
      lists !== undefined ? `1${named(lists)}` : words !== undefined ? `1:name:(${words})` : '1:input:_files';
    return `    ${name}) _arguments ${[...specs, argument].map(quoted).join(' \\\n      ')} ;;`;
  });
  return `#compdef iommufd
# zsh completion of iommufd: source <(iommufd completion zsh), or save it as _iommufd in a folder of $fpath
_iommufd() {
  local -a commands
  commands=(
${commands.map(({ name, doc }) => `    ${quoted(`${name}:${doc}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _iommufd ]; then _iommufd "$@"; else compdef _iommufd iommufd; fi
`;
}

function fish(commands: readonly Described[]): string {
  const lines = commands.flatMap(({ name, doc, options }) => {
    const on = `__fish_seen_subcommand_from ${name}`;
    const { lists, words } = ARGUMENTS[name] ?? {};
    const argument =
      lists !== undefined
        ? [`complete -c iommufd -n ${quoted(on)} -a ${quoted(`(${listing(lists)})`)}`]
        : words !== undefined
          ? [`complete -c iommufd -n ${quoted(on)} -a ${quoted(words)}`]
          : [];
    return [
      `complete -c iommufd -n __fish_use_subcommand -a ${name} -d ${quoted(doc)}`,
      ...options.map(({ flag, doc: text, lists: values, isFile, words: fixed }) => {
        const value =
          values !== undefined
            ? ` -x -a ${quoted(`(${listing(values)})`)}`
            : fixed !== undefined
              ? ` -x -a ${quoted(fixed)}`
              : isFile
                ? ' -r -F'
                : '';
        return `complete -c iommufd -n ${quoted(on)} -l ${flag.replace(/^--/, '')} -d ${quoted(text)}${value}`;
      }),
      ...argument,
    ];
  });
  return `# fish completion of iommufd: iommufd completion fish | source
complete -c iommufd -f
${lines.join('\n')}
`;
}

const SHELLS: Readonly<Record<string, (commands: readonly Described[]) => string>> = { bash, zsh, fish };

/** `iommufd completion`: the script for a shell. @throws Failure */
export function completionScript(root: Command, shell: string): string {
  const make = SHELLS[shell.toLowerCase().replace(/^.*\//, '')];
  if (make === undefined) throw unknown('shell', shell, Object.keys(SHELLS), Object.keys(SHELLS));
  const commands = root.commands.map(describe);
  if (commands.length === 0) throw new Failure('there is no command to complete');
  return make(commands);
}
