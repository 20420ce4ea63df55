/** The keeper as text for a POSIX shell: claims its folder, starts the command, takes what it prints, and writes how it ended. */
import type { Environment } from "../../variables/environment.js";
import { GUARD_NAME, guardScript } from "./guardScript.js";
import type { KeeperPrograms } from "./keeperPrograms.js";
import { PAPERS } from "./papers.js";
import { type SpoolLimits, writerScript } from "./writerScript.js";

/** By this word its processes are found again; the folder follows. */
export const KEEPER_NAME = "instep-keeper";
/** As which the command's own shell speaks where there is no such program. */
export const COMMAND_NAME = "instep";
/** A variable that the keeper's own processes must not have is called so, with its name behind, until the command is begun. */
export const ASIDE = "INSTEP_KEPT_";

export interface KeeperText {
  readonly programs: KeeperPrograms;
  readonly limits: SpoolLimits;
  /** The names of variables that are set aside. */
  readonly aside: readonly string[];
  /** Where the command has to end with its node. */
  readonly guard?: GuardText | undefined;
}

/** Everything that a guard has to know. */
export interface GuardText {
  /** In which the server says until when its node surely counts as there. */
  readonly file: string;
  /** The word of the stay that the command belongs to. */
  readonly stay: string;
  /** Processes that the command leaves running live on. */
  readonly leaves: boolean;
  readonly mark: string;
}

/** The variables that are: the mark, and those that could disturb the keeper's own shell and programs. */
export function setAside(env: Environment, mark: string): readonly string[] {
  const markName = mark.slice(0, mark.indexOf("="));
  return Object.keys(env).filter(
    (name) => env[name] !== undefined && (name === markName || DISTURBING.test(name)),
  );
}

const DISTURBING =
  /^(?:LD_\w+|IFS|ENV|BASH_ENV|BASH_VERSION|SHELLOPTS|BASHOPTS|POSIXLY_CORRECT|GLIBC_TUNABLES)$/;
const SIGNALS = "HUP INT QUIT PIPE ALRM TERM USR1 USR2";

/**
 * Its first argument is the folder, the others are the command. Only names that begin with `_instep` are assigned, as whatever is in its
 * environment is the command's. The command runs in the foreground: a child in the background would ignore SIGINT for ever.
 */
export function keeperScript({ programs, limits, aside, guard }: KeeperText): string {
  const [mkfifo, rm] = [programs.mkfifo, programs.rm].map(quote);
  return `_instep=$1
shift
_instep_hit=
trap '_instep_hit=1' ${SIGNALS}
IFS= read -r _instep_me </proc/self/stat || exit
set -C
command : >"$_instep/begun" || exit
set +C
${guard ? guarded(programs, guard) : ""}command exec 3<<END
.
END
IFS= read -r _instep_line <&3
if [ -p /proc/self/fd/3 ]; then
  command exec 4>/proc/self/fd/3 || exit
else
  ${mkfifo} -m 600 "$_instep/pipe" && command exec 4<>"$_instep/pipe" || exit
  command exec 3<"$_instep/pipe" && command exec 4>"$_instep/pipe" || exit
  ${rm} "$_instep/pipe"
fi
(
trap '' ${SIGNALS}
command exec 4>&-
umask 077
${writerScript(programs, limits)}
) <&3 &
command exec 3<&-
_instep_said=$(${startOf(programs, commandScript(aside, guard !== undefined))} ${COMMAND_NAME} "$_instep" "$_instep_me" "$@" 2>&1 >&4 4>&-)
_instep_status=$?
command exec 4>&-
${howEnded(programs)}
${guard ? whoEndedIt(programs.mv) : ""}${writeEnd(programs.sleep)}`;
}

const writeEnd = (
  sleep: string,
): string => `until printf '%s %s %s .\\n' "$_instep_how" "$_instep_status" "\${_instep_up%% *}" 1<>"$_instep/end"; do
  [ -d "$_instep" ] || exit
  ${quote(sleep)} 1
done`;

/** Its guard is there before anything of the command is, and says whether that may begin. */
function guarded(programs: KeeperPrograms, { file, stay, leaves, mark }: GuardText): string {
  const words = [file, stay, leaves ? "yes" : "no", mark].map(quote).join(" ");
  const start = `${quote(programs.shell)} -c ${quote(guardScript(programs))} ${GUARD_NAME} "$_instep" ${words}`;
  return `_instep_line=$(${start} &)
if [ "$_instep_line" != go ]; then
  IFS= read -r _instep_up </proc/uptime
  _instep_how=cut _instep_status=0
  ${writeEnd(programs.sleep)}
  exit
fi
`;
}

/** Only one of the two gets the paper. Where its end is not known its guard goes on. */
const whoEndedIt = (mv: string): string => `if [ "$_instep_how" != lost ]; then
  ${quote(mv)} "$_instep/${PAPERS.turn}" "$_instep/${PAPERS.own}"
  if [ -e "$_instep/${PAPERS.cut}" ]; then _instep_how=cut; fi
fi
`;

/** The beginning of the line that becomes the command. */
function startOf({ shell: sh, setsid, env, waits }: KeeperPrograms, script: string): string {
  const shell = `${quote(sh)} -c ${quote(script)}`;
  // A child of the shell leads no group, so it makes its session without another child.
  if (!waits) return `exec ${quote(setsid)} ${shell}`;
  if (env === null) return `exec ${quote(setsid)} -fw ${shell}`;
  // Nothing that is sent to the keeper reaches the process that waits for the command.
  return `trap '' ${SIGNALS}; exec ${quote(setsid)} -fw ${quote(env)} --default-signal ${shell}`;
}

/** Its identity is on disk before it is the command. Its arguments: the folder, the keeper's identity, the command. */
const commandScript = (aside: readonly string[], isGuarded: boolean): string =>
  `IFS= read -r _instep_me </proc/self/stat
IFS= read -r _instep_boot </proc/sys/kernel/random/boot_id
IFS= read -r _instep_up </proc/uptime
printf '%s\\n%s\\n%s\\n%s\\n.\\n' "$2" "$_instep_me" "$_instep_boot" "\${_instep_up%% *}" 1<>"$1/run" || exit 126
${isGuarded ? `[ ! -e "$1/${PAPERS.cut}" ] || exit 126\n` : ""}shift 2
command exec 2>/proc/self/fd/1
command exec 1>/proc/self/fd/2
[ -z "\${BASH_VERSION-}" ] || SHLVL=$((SHLVL - 1))
${aside.map((name) => `export ${name}="$${ASIDE}${name}"; unset ${ASIDE}${name}\n`).join("")}exec "$@" </dev/null`;

/**
 * `setsid` tells a signal in a sentence with the command's number, and gives the bare number of the signal. Where it was itself ended the
 * command may still be there, and nobody knows its end.
 */
function howEnded({ waits, env }: KeeperPrograms): string {
  const heard =
    waits && env === null
      ? `if [ "$_instep_how$_instep_hit" = code1 ] && [ "$_instep_status" -gt 128 ]; then _instep_how=lost; fi`
      : "";
  return `IFS= read -r _instep_up </proc/uptime
_instep_how=never _instep_line=
{
  IFS= read -r _instep_line; IFS= read -r _instep_me; IFS= read -r _instep_line; IFS= read -r _instep_line; IFS= read -r _instep_line
} <"$_instep/run"
if [ "$_instep_line" = . ]; then
  _instep_pid=\${_instep_me%% *}
  _instep_how=code
  case $_instep_said in *setsid*"$_instep_pid"*) _instep_how=signal ;; esac
  ${heard}
  if IFS= read -r _instep_line <"/proc/$_instep_pid/stat"; then
    set -- \${_instep_me##*) }
    _instep_since=\${20}
    set -- \${_instep_line##*) }
    if [ "$_instep_since" = "\${20}" ] && [ "$1" != Z ] && [ "$1" != X ]; then _instep_how=lost; fi
  fi
fi`;
}

/** As one word of a shell. */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
