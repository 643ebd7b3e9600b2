// `lowtide completion`: the script by which a shell asks lowtide what may come next.
#include <string_view>

#include "app/cli.h"
#include "app/ledger_access.h"

namespace lowtide::app {
namespace {

// bash splits words at : and = too; they are put together again, and what bash keeps is cut off.
constexpr std::string_view kBash = R"(# lowtide: completion for bash
_lowtide() {
  local line=${COMP_LINE:0:COMP_POINT} words=() word cur part kind found i
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ ${#words[@]} -eq 0 || $line == [[:blank:]]* ]]; then
      line=${line#"${line%%[![:blank:]]*}"}
      words+=("${word:0:${#line}}")
    else
      words[-1]+=${word:0:${#line}}
    fi
    line=${line:${#word}}
  done
  cur=${words[-1]//[\\\'\"]/} part=${words[-1]}
  words[-1]=$cur COMPREPLY=()
  [[ $COMP_WORDBREAKS == *=* ]] && part=${part##*=}
  [[ $COMP_WORDBREAKS == *:* ]] && part=${part##*:}
  local kept=${cur%"${part//[\\\'\"]/}"} program=${words[0]/#\~\//$HOME/}
  { IFS= read -r kind; IFS=$'\n' read -r -d '' -a found; } < <("$program" __complete "${words[@]:1}" 2> /dev/null)
  case $kind in
    values)
      for i in "${found[@]}"; do
        i=${i%%$'\t'*} i=${i#"$kept"}
        [[ $part == [\'\"]* ]] || i=$(printf %q "$i")
        COMPREPLY+=("$i")
      done
      [[ ${#COMPREPLY[@]} -eq 1 && $COMPREPLY == *: ]] && compopt -o nospace ;;
    files*)
      compopt -o filenames
      IFS=$'\n' read -r -d '' -a COMPREPLY < <(compgen -f -- "${cur:${kind#files }}") ;;
    words*)
      if declare -F _command_offset > /dev/null; then
        for ((i = 0; i < COMP_CWORD; i++)); do [[ ${COMP_WORDS[i]} == -- ]] && break; done
        ((i == COMP_CWORD)) && i=${kind#words } || ((i++))
        _command_offset "$i"
      else
        compopt -o filenames
        [[ ${kind#words } -eq $((${#words[@]} - 1)) ]] && IFS=$'\n' read -r -d '' -a found < <(compgen -c -- "$cur")
        IFS=$'\n' read -r -d '' -a COMPREPLY < <(compgen -f -- "$cur")
        COMPREPLY+=("${found[@]}")
      fi ;;
  esac
  return 0
}
complete -F _lowtide lowtide
)";

constexpr std::string_view kZsh = R"(#compdef lowtide
# lowtide: completion for zsh
_lowtide() {
  local -a given lines shown open
  local line kind value
  given=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
  lines=("${(@f)$(${~${(Q)words[1]}} __complete "${(@)given}" 2> /dev/null)}")
  kind=$lines[1]
  case $kind in
    values)
      for line in "${(@)lines[2,-1]}"; do
        value=${${line%%$'\t'*}//:/\\:}
        [[ $value == *: ]] && open+=("$value:${line#*$'\t'}") || shown+=("$value:${line#*$'\t'}")
      done
      (( $#shown )) && _describe -V lowtide shown
      (( $#open )) && _describe -V lowtide open -S '' ;;
    files*) compset -p ${kind#files }; _files ;;
    words*) shift ${kind#words } words; (( CURRENT -= ${kind#words } )); _normal ;;
  esac
}
if [[ $funcstack[1] == _lowtide ]]; then _lowtide "$@"; else compdef _lowtide lowtide; fi
)";

constexpr std::string_view kFish = R"(# lowtide: completion for fish
function __lowtide_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    set -l kind (string split ' ' -- $lines[1])
    switch "$kind[1]"
        case values
            printf '%s\n' $lines[2..-1]
        case files
            set -l before (string sub -l $kind[2] -- "$current")
            for path in (__fish_complete_path (string sub -s (math $kind[2] + 1) -- "$current"))
                printf '%s%s\n' "$before" $path
            end
        case words
            set -l from (math $kind[2] + 1)
            set -l rest
            test (count $words) -ge $from; and set rest $words[$from..-1]
            complete -C (string join ' ' -- (string escape -- $rest) "$current")
    end
end
complete -c lowtide -f -a '(__lowtide_complete)'
)";

struct CompletionFlags {
  std::string shell;
};

int completion_command(const CompletionFlags& flags) {
  return put(std::string(flags.shell == "bash" ? kBash : flags.shell == "zsh" ? kZsh : kFish));
}

}  // namespace

void add_completion(Cli& cli) {
  const auto flags = std::make_shared<CompletionFlags>();
  CLI::App& completion =
      add_command(cli, "completion", "Print the completions of a shell", flags, completion_command);
  completion.add_option("shell", flags->shell, "whose script")
      ->type_name("SHELL")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion.footer(
      "`make install` puts them where the shells look. Without it:\n\nExamples:\n"
      "  source <(lowtide completion bash)             # in ~/.bashrc\n"
      "  source <(lowtide completion zsh)              # in ~/.zshrc, after compinit\n"
      "  lowtide completion fish | source              # in config.fish");
}

}  // namespace lowtide::app
