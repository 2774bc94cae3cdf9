/** Completion for zsh: to be sourced, or to be put as _vdmz into a folder of $fpath. */
import type { CommandWords, OptionWords, ProgramWords, ValueWords } from './words.ts';

export const zshCompletion = ({ name, options, commands }: ProgramWords): string => `\
#compdef ${name}
# zsh completion of ${name}: source <(${name} completion zsh)
_${name}() {
  if ((CURRENT == 2)); then
    local -a commands
    commands=(
${commands.flatMap(describedNames).join('\n')}
    )
    _describe -t commands command commands
    _arguments ${options.map(optionSpec).join(' ')}
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const describedNames = ({ names, description }: CommandWords): string[] =>
  names.map((name) => `      ${quoted(`${name}:${description}`)}`);

const commandCase = ({ names, options, argument }: CommandWords): string => `\
    ${names.join(' | ')})
      _arguments \\
${[...options.map(optionSpec), ...argumentSpec(argument)].map((spec) => `        ${spec}`).join(' \\\n')}
      ;;`;

/** '(-o --output)'{-o+,--output=}'[what it is]:path:_files': either once, its value apart or joined to it. */
function optionSpec({ flags, description, value }: OptionWords): string {
  const meaning = quoted(`[${description.replaceAll(/[[\]\\:]/g, '\\$&')}]${value ? valueSpec(value) : ''}`);
  const names = flags.map((flag) => (value === undefined ? flag : `${flag}${flag.startsWith('--') ? '=' : '+'}`));
  if (value?.isMany) return names.map((name) => `'*${name}'${meaning}`).join(' ');
  return names.length === 1 ? `${names[0]}${meaning}` : `'(${flags.join(' ')})'{${names.join(',')}}${meaning}`;
}

const argumentSpec = (argument: ValueWords | undefined): string[] =>
  argument === undefined ? [] : [quoted(`${argument.isMany ? '*' : '1'}${valueSpec(argument)}`)];

function valueSpec({ name, choices, isFile }: ValueWords): string {
  if (choices.length > 0) return `:${name}:(${choices.join(' ')})`;
  return `:${name}:${isFile ? '_files' : ' '}`;
}
