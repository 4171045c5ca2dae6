import { serviceNames } from '../../ground/services.ts';
import { longOf, type OptionEntry, shortOf, type Values, valueTaken } from './option-entry.ts';
import { OPTIONS, type Shell } from './options.ts';

/** The script for a shell, made from the table of options. `causes` are offered after --explain. */
export function completionScript(shell: Shell, causes: readonly string[]): string {
  const word = (list: readonly string[]) => list.filter((one) => /^[\w.+=@:-]+$/.test(one));
  const lists = { service: word(serviceNames()), cause: word(causes) };
  switch (shell) {
    case 'bash':
      return bash(lists);
    case 'zsh':
      return zsh(lists);
    case 'fish':
      return fish(lists);
    default:
      return shell satisfies never;
  }
}

interface Lists {
  service: readonly string[];
  cause: readonly string[];
}

const names = (entry: OptionEntry): string[] =>
  [shortOf(entry), longOf(entry)].filter((name) => name !== null);
const valuesOf = (entry: OptionEntry): Values => entry.values ?? 'none';
const withValue = OPTIONS.filter((entry) => valueTaken(entry) !== null);

// ---------------------------------------------------------------- bash

/** bash breaks words at `=`: `--answer worked-before=yes` is three of them, and so is `--port=443`. */
function bash(lists: Lists): string {
  const arms = withValue.map((entry) => `    ${names(entry).join('|')}) ${bashAction(entry, lists)} ;;`);
  const keys = [...new Set(answersOf().map((one) => one.split('=')[0] ?? ''))];
  const answers = keys.map((key) => {
    const values = answersOf().flatMap((one) =>
      one.startsWith(`${key}=`) ? [one.slice(key.length + 1)] : [],
    );
    return `    ${key}) _reachdoctor_offer -W '${values.join(' ')}' ;;`;
  });
  return `# bash completion for reachdoctor: source it, or put it into
# ~/.local/share/bash-completion/completions/reachdoctor
_reachdoctor_offer() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$cur")
}
_reachdoctor() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} == -- ]]; then
      if ((index == COMP_CWORD - 1)); then _reachdoctor_offer -c; else compopt -o filenames 2>/dev/null; _reachdoctor_offer -f; fi
      return
    fi
  done
  if [[ $cur == = ]]; then cur=; elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case $before in
${[...arms, ...answers].join('\n')}
    *)
      if [[ $cur == -* ]]; then _reachdoctor_offer -W '${OPTIONS.flatMap(names).join(' ')}'
      else _reachdoctor_offer -A hostname; fi ;;
  esac
}
complete -F _reachdoctor reachdoctor
`;
}

const answersOf = (): readonly string[] => {
  const values = OPTIONS.find((entry) => longOf(entry) === '--answer')?.values;
  return typeof values === 'object' ? values : [];
};

function bashAction(entry: OptionEntry, lists: Lists): string {
  const values = valuesOf(entry);
  if (longOf(entry) === '--answer') {
    const keys = [...new Set(answersOf().map((one) => one.replace(/=.*/, '=')))];
    return `compopt -o nospace 2>/dev/null; _reachdoctor_offer -W '${keys.join(' ')}'`;
  }
  if (typeof values === 'object') return `_reachdoctor_offer -W '${values.join(' ')}'`;
  switch (values) {
    case 'file':
      return 'compopt -o filenames 2>/dev/null; _reachdoctor_offer -f';
    case 'folder':
      return 'compopt -o filenames 2>/dev/null; _reachdoctor_offer -d';
    case 'host':
    case 'target':
      return '_reachdoctor_offer -A hostname';
    case 'service':
    case 'cause':
      return `_reachdoctor_offer -W '${lists[values].join(' ')}'`;
    case 'none':
      return ':';
  }
}

// ---------------------------------------------------------------- zsh

/** In a specification of _arguments: brackets, colons and quotes have a meaning. */
const zshText = (text: string): string => text.replace(/[\\[\]:]/g, '\\$&').replaceAll("'", `'\\''`);

function zsh(lists: Lists): string {
  const specs = OPTIONS.map((entry) => {
    const value = valueTaken(entry);
    const all = names(entry);
    const action =
      value === null ? '' : `${value.optional ? '::' : ':'}${zshText(value.name)}:${zshAction(entry, lists)}`;
    // `+`: the value may be the next word; `=`: or stand after an equals sign.
    const written = (name: string) => (value === null ? name : `${name}${name.startsWith('--') ? '=' : '+'}`);
    const text = `[${zshText(entry.text)}]${action}`;
    const star = entry.repeat === true ? '*' : '';
    if (all.length === 1) return `    '${star}${written(all[0] ?? '')}${text}'`;
    return `    '(${all.join(' ')})'{${all.map(written).join(',')}}'${text}'`;
  });
  return `#compdef reachdoctor
# zsh completion for reachdoctor: put it as _reachdoctor into a folder of $fpath, or source it after compinit
_reachdoctor() {
  local dashes=$words[(i)--]
  if ((dashes < CURRENT)); then
    words=("\${(@)words[dashes+1,-1]}")
    ((CURRENT -= dashes))
    _normal
    return
  fi
  _arguments -s -S \\
${specs.map((spec) => `${spec} \\`).join('\n')}
    '*:target:_hosts'
}
if [[ $funcstack[1] == _reachdoctor ]]; then _reachdoctor "$@"; else compdef _reachdoctor reachdoctor; fi
`;
}

function zshAction(entry: OptionEntry, lists: Lists): string {
  const values = valuesOf(entry);
  if (typeof values === 'object') return `(${values.join(' ')})`;
  switch (values) {
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'host':
    case 'target':
      return '_hosts';
    case 'service':
    case 'cause':
      return `(${lists[values].join(' ')})`;
    case 'none':
      return ' ';
  }
}

// ---------------------------------------------------------------- fish

const fishText = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function fish(lists: Lists): string {
  const before = 'not contains -- -- (commandline -opc)';
  const lines = OPTIONS.map((entry) => {
    const parts = ['complete -c reachdoctor', `-n '${before}'`];
    const short = shortOf(entry);
    if (short !== null) parts.push(`-s ${short.slice(1)}`);
    parts.push(`-l ${longOf(entry).slice(2)}`);
    const value = valueTaken(entry);
    if (value?.optional === false) parts.push(...fishAction(entry, lists));
    parts.push(`-d ${fishText(entry.text)}`);
    const line = parts.join(' ');
    // To fish an option has a value or has none; what may follow one is a word of its own.
    if (value?.optional !== true || valuesOf(entry) === 'none') return line;
    const after = `test (commandline -opc)[-1] = ${longOf(entry)}`;
    return `${line}\ncomplete -c reachdoctor -n '${after}' ${fishAction(entry, lists).join(' ').replace(/-[rx]/, '')}`;
  });
  return `# fish completion for reachdoctor: put it into ~/.config/fish/completions/reachdoctor.fish
complete -c reachdoctor -n '${before}' -f -a '(__fish_print_hostnames)'
complete -c reachdoctor -n 'contains -- -- (commandline -opc)' -a '(__fish_complete_subcommand --fcs-skip=(math (contains -i -- -- (commandline -opc)) ))'
${lines.join('\n')}
`;
}

/** -x = a value is needed and no files are offered; -r = a value is needed, and -F = files are. */
function fishAction(entry: OptionEntry, lists: Lists): string[] {
  const values = valuesOf(entry);
  if (typeof values === 'object') return ['-x', `-a ${fishText(values.join(' '))}`];
  switch (values) {
    case 'file':
      return ['-r', '-F'];
    case 'folder':
      return ['-x', `-a '(__fish_complete_directories)'`];
    case 'host':
    case 'target':
      return ['-x', `-a '(__fish_print_hostnames)'`];
    case 'service':
    case 'cause':
      return ['-x', `-a ${fishText(lists[values].join(' '))}`];
    case 'none':
      return ['-x'];
  }
}
