# zsh -f zsh-complete.zsh SCRIPT LINE: prints what is offered after the line, one a line.
# Completion works in interactive shells only, so the file runs twice: here, and in a shell on a terminal of zpty.
if [[ -o interactive ]]; then
  PS1= PS2=
  autoload -Uz compinit && compinit -D -u
  source $1
  # In place of matches that are added, those that fit are printed; calls that only ask which fit go on as they are.
  compadd() {
    local -a fitting
    if [[ ${@[1,(i)(-|--)]} == *-[OAD]* ]]; then builtin compadd "$@"; return; fi
    builtin compadd -O fitting "$@"
    print -rl -- offered:$^fitting
  }
  offer() { _main_complete; print -r -- 'the end'; exit }
  zle -C offer complete-word offer
  bindkey '^I' offer
  print -r -- 'the start'
else
  zmodload zsh/zpty || exit 1
  zpty shell zsh -f -i
  zpty -w shell "source ${(q)0} ${(q)1}"
  zpty -r shell seen '*the start*'
  zpty -w -n shell "$2"$'\t'
  zpty -r shell seen '*the end*'
  seen=(${(M)${(f)${seen//$'\r'/}}:#*offered:*})
  print -rl -- ${seen#*offered:}
fi
