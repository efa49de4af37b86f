/** Scripts that complete the command in a shell. They run `iommufd list` for the names of structs, ioctls and others. */
import type { Command, Option } from 'commander';
import { Failure } from '../failure.js';
import { unknown } from '../nearest.js';
import { CALL_GROUPS, CAPABILITIES, DEVICE_KINDS } from './native-names.js';

/** The values of an argument: names of `iommufd list`, fixed words, files, programs or processes. */
interface Names {
  readonly lists?: string;
  readonly words?: string;
  readonly kind?: 'files' | 'programs' | 'processes';
}

/** The values of an option's argument, by the name of the option. */
const VALUES: Readonly<Record<string, Names>> = {
  struct: { lists: 'structs records' },
  ioctl: { lists: 'ioctls' },
  veventq: { lists: 'queues' },
  device: { words: DEVICE_KINDS.join(' ') },
  'cap-add': { words: CAPABILITIES.join(' ') },
  expression: { lists: 'ioctls', words: Object.keys(CALL_GROUPS).join(' ') },
};

/** The values of an argument, by its name in the help. */
const PLACES: Readonly<Record<string, Names>> = {
  file: { kind: 'files' },
  path: { kind: 'files' },
  tape: { kind: 'files' },
  directory: { kind: 'files' },
  program: { kind: 'programs' },
  pid: { kind: 'processes' },
};

/** The values of a command's first argument. */
const ARGUMENTS: Readonly<Record<string, Names>> = {
  explain: { lists: 'ioctls structs records values errnos events commands' },
  layout: { lists: 'structs records' },
  list: { words: 'structs records ioctls queues events commands enums flags values errnos constants' },
  completion: { words: 'bash zsh fish' },
};

interface Described {
  readonly name: string;
  readonly doc: string;
  readonly options: readonly {
    /** The long form: `--output`. The short form, `-o`, is in `letter`. */
    readonly flag: string;
    readonly letter: string | undefined;
    readonly doc: string;
    /** Whether the option has an argument. An optional one follows `=`. */
    readonly takes: 'nothing' | 'argument' | 'perhaps';
    readonly names: Names;
    /** True if the option may be repeated. Its description says so. */
    readonly isRepeatable: boolean;
  }[];
  /** The values of its first argument. */
  readonly argument: Names | undefined;
}

function namesOf(option: Option): Names {
  if (option.argChoices !== undefined) return { words: option.argChoices.join(' ') };
  const [, place = ''] = /[<[](\w+)[\]>]/.exec(option.flags) ?? [];
  return VALUES[option.long?.replace(/^--/, '') ?? ''] ?? PLACES[place] ?? {};
}

/** @param command the command with its options @param listed its entry in the list of commands */
function describe(command: Command, listed: Command): Described {
  const name = listed.name();
  const [first] = command.registeredArguments;
  return {
    name,
    doc: listed.description().replace(/: iommufd \w+ --help$/, ''),
    options: command.options.map((option) => ({
      flag: option.long ?? option.flags,
      letter: option.short,
      doc: option.description,
      takes: option.required ? 'argument' : option.optional ? 'perhaps' : 'nothing',
      names: namesOf(option),
      isRepeatable: option.variadic || /may be repeated/.test(option.description),
    })),
    argument: ARGUMENTS[name] ?? PLACES[first?.name() ?? ''],
  };
}

/** The shell command that prints names and words; undefined if there are only words. */
function listing({ lists, words }: Names): string | undefined {
  if (lists === undefined) return undefined;
  const all = lists.split(' ').map((list) => `iommufd list --names ${list}`);
  // One word per line, as `iommufd list` prints names.
  return [...all, ...(words === undefined ? [] : [`printf "%s\\n" ${words}`])].join('; ');
}

/** The code of bash that completes a word. */
function bashNames(names: Names): string {
  switch (names.kind) {
    case 'files':
      return 'compopt -o filenames 2> /dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return';
    case 'programs':
      return 'COMPREPLY=($(compgen -c -f -- "$current")); return';
    case 'processes':
      return 'words="$(ps -eo pid= 2> /dev/null)"';
    case undefined:
  }
  const run = listing(names);
  return run === undefined ? `words="${names.words ?? ''}"` : `words="$(${run})"`;
}

const isEmpty = ({ lists, words, kind }: Names): boolean =>
  lists === undefined && words === undefined && kind === undefined;

function bash(commands: readonly Described[]): string {
  const cases = commands.map(({ name, options, argument = {} }) => {
    const flags = options.flatMap(({ flag, letter }) => [...(letter === undefined ? [] : [letter]), flag]);
    const values = options.flatMap(({ flag, letter, takes, names }) =>
      takes === 'nothing' || (takes === 'argument' && isEmpty(names))
        ? []
        : [
            `      ${takes === 'perhaps' ? `${flag}=` : [letter, flag].filter(Boolean).join(' | ')}) ${bashNames(names)} ;;`,
          ],
    );
    const valueless = options.flatMap(({ flag, letter, takes, names }) =>
      takes === 'argument' && isEmpty(names) ? [letter, flag].filter((each) => each !== undefined) : [],
    );
    return `  ${name})
    case "$before" in
${[...values, ...(valueless.length === 0 ? [] : [`      ${valueless.join(' | ')}) return ;;`])].join('\n')}
      *)
        case "$current" in
          -*) words="${[...flags, '--help'].join(' ')}" ;;
          *) ${bashNames(argument)} ;;
        esac
        ;;
    esac
    ;;`;
  });
  const native = commands.filter(({ argument }) => argument?.kind === 'programs').map(({ name }) => name);
  return `# bash completion of iommufd: source <(iommufd completion bash)
_iommufd() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" command="\${COMP_WORDS[1]}" words="" i
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} --help --version" -- "$current"))
    return
  fi
  # --option=value is three words.
  if [ "$current" = "=" ]; then before="$before="; current=""
  elif [ "$before" = "=" ]; then before="\${COMP_WORDS[COMP_CWORD - 2]}="
  fi
  case "$command" in ${native.join(' | ')})
    # Behind -- are a program and its arguments.
    for ((i = 2; i < COMP_CWORD; i++)); do
      if [ "\${COMP_WORDS[i]}" = -- ]; then
        if [ "$i" -eq $((COMP_CWORD - 1)) ]; then COMPREPLY=($(compgen -c -f -- "$current"))
        else
          compopt -o filenames 2> /dev/null
          mapfile -t COMPREPLY < <(compgen -f -- "$current")
        fi
        return
      fi
    done
    ;;
  esac
  case "$command" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _iommufd iommufd
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** Escapes brackets and colons, which are syntax in a specification of zsh. */
const zshText = (text: string): string => text.replace(/[[\]:]/g, '\\$&');

/** The action that completes a word, in a specification of zsh. */
function zshNames(names: Names): string {
  switch (names.kind) {
    case 'files':
      return ':file:_files';
    case 'programs':
      return ':program:_command_names -e';
    case 'processes':
      return ':process:_pids';
    case undefined:
  }
  const run = listing(names);
  // zsh runs an action in braces at each completion.
  if (run !== undefined) return `:name:{compadd -- \${(f)"$(${run})"}}`;
  return names.words === undefined ? ':value: ' : `:value:(${names.words})`;
}

function zsh(commands: readonly Described[]): string {
  const cases = commands.map(({ name, options, argument }) => {
    const specs = options.flatMap(({ flag, letter, doc, takes, names, isRepeatable }) => {
      const value = takes === 'nothing' ? '' : zshNames(names);
      const text = `[${zshText(doc)}]`;
      if (takes === 'perhaps') return [`${flag}=-${text}:${value}`];
      // A repeatable option does not exclude itself.
      const again = isRepeatable ? '*' : '';
      return [letter, flag].flatMap((each) => (each === undefined ? [] : [`${again}${each}${text}${value}`]));
    });
    const isNative = argument?.kind === 'programs';
    const argumentSpec = isNative ? '*::program:_normal' : `1${zshNames(argument ?? { kind: 'files' })}`;
    const more = argument?.kind === 'files' ? ['*:file:_files'] : [argumentSpec];
    return `    ${name}) _arguments ${isNative ? '-A "-*" ' : ''}${[...specs, ...more].map(quoted).join(' \\\n      ')} ;;`;
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

/** The options of fish's `complete` that complete a word. */
function fishNames(names: Names): string {
  switch (names.kind) {
    case 'files':
      return ' -r -F';
    case 'programs':
      return ` -x -a ${quoted('(__fish_complete_command)')}`;
    case 'processes':
      return ` -x -a ${quoted('(__fish_complete_pids)')}`;
    case undefined:
  }
  const run = listing(names);
  if (run !== undefined) return ` -x -a ${quoted(`(${run})`)}`;
  return names.words === undefined ? ' -x' : ` -x -a ${quoted(names.words)}`;
}

function fish(commands: readonly Described[]): string {
  const lines = commands.flatMap(({ name, doc, options, argument }) => {
    const on = quoted(`__fish_seen_subcommand_from ${name}`);
    const names =
      argument === undefined
        ? []
        : [
            `complete -c iommufd -n ${on}${argument.kind === 'programs' ? ` -a ${quoted('(__fish_complete_subcommand)')}` : argument.kind === 'files' ? ' -F' : fishNames(argument)}`,
          ];
    return [
      `complete -c iommufd -n __fish_use_subcommand -a ${name} -d ${quoted(doc)}`,
      ...options.map(({ flag, letter, doc: text, takes, names: values }) => {
        const short = letter === undefined ? '' : ` -s ${letter.replace(/^-/, '')}`;
        const value = takes === 'argument' ? fishNames(values) : '';
        return `complete -c iommufd -n ${on}${short} -l ${flag.replace(/^--/, '')} -d ${quoted(text)}${value}`;
      }),
      ...names,
    ];
  });
  return `# fish completion of iommufd: iommufd completion fish | source
complete -c iommufd -f
${lines.join('\n')}
`;
}

const SHELLS: Readonly<Record<string, (commands: readonly Described[]) => string>> = { bash, zsh, fish };

/**
 * `iommufd completion`: returns the script for a shell.
 * @param native the commands that run native programs, with their options, which their entries in the list of commands lack
 * @throws Failure if the shell is unknown
 */
export function completionScript(
  root: Command,
  native: Readonly<Record<string, Command>>,
  shell: string,
): string {
  const make = SHELLS[shell.toLowerCase().replace(/^.*\//, '')];
  if (make === undefined) throw unknown('shell', shell, Object.keys(SHELLS), Object.keys(SHELLS));
  if (root.commands.length === 0) throw new Failure('there is no command to complete');
  return make(root.commands.map((command) => describe(native[command.name()] ?? command, command)));
}
