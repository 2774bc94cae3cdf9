/** Completion for bash, 3.2 of macOS included. Where there are no words to offer, readline completes names of files. */
import type { CommandWords, OptionWords, ProgramWords, ValueWords } from './words.ts';

export const bashCompletion = ({ name, options, commands }: ProgramWords): string => `\
# bash completion of ${name}: source <(${name} completion bash)
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()
  # --option=value comes as three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${[...commands.flatMap(({ names }) => names), ...flagsOf(options)].join(' ')}' -- "$cur"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(commandCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _${name} ${name}`;

const flagsOf = (options: readonly OptionWords[]): string[] => options.flatMap(({ flags }) => flags);

const commandCase = ({ names, options, argument }: CommandWords): string => `\
    ${names.join(' | ')})
      case $prev in
${options.flatMap(valueCase).join('\n')}
        *) if [[ $cur == -* ]]; then words='${flagsOf(options).join(' ')}'; else words='${argument?.choices.join(' ') ?? ''}'; fi ;;
      esac
      ;;`;

const valueCase = ({ flags, value }: OptionWords): string[] =>
  value === undefined ? [] : [`        ${flags.join(' | ')}) ${valueWords(value)} ;;`];

function valueWords({ choices, isFile }: ValueWords): string {
  if (choices.length > 0) return `words='${choices.join(' ')}'`;
  return isFile ? 'return' : 'compopt +o bashdefault +o default 2>/dev/null; return';
}
