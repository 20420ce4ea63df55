/** `instep completion`: the function that a shell calls while a line is typed. It knows nothing itself: the program says what fits. */
import { basename } from "node:path";
import { printable } from "../../../shared/text/printable.js";
import { SettingError } from "../../settings/settingError.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { isShell, SHELLS, type Shell } from "./shells.js";

export function completion(given: string | undefined, { env, stdout }: CliContext): number {
  const shell = given ?? basename(env.SHELL ?? "");
  if (!isShell(shell)) throw new SettingError(whyNone(given));
  stdout.write(SCRIPTS[shell]);
  return ExitCode.ok;
}

function whyNone(shell = ""): string {
  if (shell === "") return `Name the shell: one of ${SHELLS.join(", ")}`;
  // tcsh is no slip for bash.
  return `There is no completion for ${JSON.stringify(printable(shell, 60))}; there is one for ${SHELLS.join(", ")}`;
}

// Candidates are read line by line and never evaluated: some of them come from a server.
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of instep in bash. For every new shell:  echo 'source <(instep completion bash)' >> ~/.bashrc
_instep() {
  COMPREPLY=()
  local program line mode=
  program=$(type -P -- "\${COMP_WORDS[0]}") || return 0
  while IFS= read -r -t 2 line; do
    if [[ -z $mode ]]; then mode=$line; else COMPREPLY+=("$line"); fi
  done < <("$program" __complete bash "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
  {
    compopt -o nosort
    case $mode in
      files*) compopt -o default ;;
      folders*) compopt -o dirnames ;;
    esac
    [[ $mode == *nospace ]] && compopt -o nospace
  } 2>/dev/null
  return 0
}
complete -F _instep instep
`,
  zsh: `#compdef instep
# Completion of instep in zsh. For every new shell:  echo 'source <(instep completion zsh)' >> ~/.zshrc
_instep() {
  local program line value about mode=
  local -a offered
  program=\${(Q)words[1]}
  (( $+commands[$program] )) || [[ -x $program ]] || return 1
  while IFS= read -r -t 2 line; do
    if [[ -z $mode ]]; then
      mode=$line
      continue
    fi
    value=\${line%%$'\\t'*}
    about=
    [[ $line == *$'\\t'* ]] && about=\${line#*$'\\t'}
    value=\${value//\\\\/\\\\\\\\}
    value=\${value//:/\\\\:}
    offered+=("$value\${about:+:$about}")
  done < <("$program" __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)
  case $mode in
    files*)
      [[ $PREFIX == --*=* ]] && compset -P '*='
      _files
      return
      ;;
    folders*)
      [[ $PREFIX == --*=* ]] && compset -P '*='
      _files -/
      return
      ;;
  esac
  (( $#offered )) || return 1
  local -a ending
  [[ $mode == *nospace ]] && ending=(-S '')
  _describe -V -t instep instep offered "\${ending[@]}"
}
if [[ "\${funcstack[1]}" == _instep ]]; then
  _instep "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
  compdef _instep instep
fi
`,
  fish: `# Completion of instep in fish. For every new shell:  instep completion fish > ~/.config/fish/completions/instep.fish
function __instep_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (command -s -- $words[1])
    test -n "$program"; or return
    set -e words[1]
    set -l plain (string unescape -- $current)
    test (count $plain) -eq 1; or set plain (string trim -l -c '"\\'' -- $current)
    set -l lines ($program __complete fish $words "$plain" 2>/dev/null </dev/null)
    set -l mode $lines[1]
    set -e lines[1]
    set -q lines[1]; and printf '%s\\n' $lines
    set -l before (string match -r -- '^--[^=]*=' "$plain"; or echo)
    set -l rest (string replace -r -- '^--[^=]*=' '' "$plain")
    switch "$mode"
        case 'files*'
            printf '%s\\n' $before(__fish_complete_path $rest)
        case 'folders*'
            printf '%s\\n' $before(__fish_complete_directories $rest)
    end
end
complete -c instep -e
complete -c instep -f -k -a '(__instep_complete)'
`,
};
