/** The guard of a command as text for a POSIX shell: ends it once its node may count as gone, whatever has become of the server. */
import { GUARD_GRACE_S, GUARD_LOOK_S } from "../guardTimes.js";
import type { KeeperPrograms } from "./keeperPrograms.js";
import { PAPERS } from "./papers.js";

/** By this word a guard is found among processes; the folder of its command follows. */
export const GUARD_NAME = "instep-guard";

/** A deadline that is further away, in seconds, is none that a server has written. */
const LONGEST_S = 60;

/**
 * Its arguments: the folder of the command, the file in which the server says until when its node surely counts as there, the word of the stay that the
 * command belongs to, `yes` where what it leaves running lives on, and its mark. It prints `go` where the command may begin, and ends its output either way.
 *
 * It fails closed: without a newer word the last deadline holds, and a word of another stay ends the command at once, as the others may have gone on with
 * it meanwhile. The command is whatever is in its session, and where `grep` can tell, what has its mark in the environment.
 */
export function guardScript(programs: KeeperPrograms): string {
  const [mv, sleep] = [programs.mv, programs.sleep].map((path) => `'${path}'`);
  const { turn, own, cut, run } = PAPERS;
  return `_instep=$1 _instep_file=$2 _instep_stay=$3 _instep_leaves=$4 _instep_mark=$5
trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2
unset IFS
cd /
IFS= read -r _instep_boot </proc/sys/kernel/random/boot_id
_instep_until=0 _instep_pid= _instep_started=
_instep_sure() {
  _instep_a= _instep_b= _instep_c= _instep_d=
  IFS=' ' read -r _instep_a _instep_b _instep_c _instep_d <"$_instep_file"
  case $_instep_c in ''|*[!0-9]*|???????????*) _instep_d= ;; esac
  if [ "$_instep_d" = . ] && [ "$_instep_a" = "$_instep_boot" ]; then
    [ "$_instep_b" = "$_instep_stay" ] || return 1
    _instep_until=$_instep_c
  fi
  IFS=. read -r _instep_up _instep_line </proc/uptime || return 1
  [ "$_instep_up" -lt "$_instep_until" ] && [ "$((_instep_until - _instep_up))" -le ${LONGEST_S} ]
}
_instep_who() {
  [ -z "$_instep_pid" ] || return 0
  _instep_a= _instep_b= _instep_line=
  { IFS= read -r _instep_a; IFS= read -r _instep_b; IFS= read -r _instep_line; IFS= read -r _instep_line; IFS= read -r _instep_line; } <"$_instep/${run}"
  [ "$_instep_line" = . ] || return 1
  _instep_pid=\${_instep_b%% *}
  set -- \${_instep_b##*) }
  _instep_started=\${20}
}
_instep_runs() {
  _instep_who && IFS= read -r _instep_line <"/proc/$_instep_pid/stat" || return 1
  set -- \${_instep_line##*) }
  [ "\${20}" = "$_instep_started" ] && [ "$1" != Z ] && [ "$1" != X ]
}
_instep_left() {
  _instep_pids= _instep_session=$_instep_pid
  if [ -n "$_instep_pid" ] && IFS= read -r _instep_line <"/proc/$_instep_pid/stat"; then
    set -- \${_instep_line##*) }
    [ "\${20}" = "$_instep_started" ] || _instep_session=
  fi
  for _instep_p in /proc/[0-9]*; do
    [ -n "$_instep_session" ] && IFS= read -r _instep_line <"$_instep_p/stat" || continue
    set -- \${_instep_line##*) }
    if [ "$4" = "$_instep_session" ] && [ "$1" != Z ] && [ "$1" != X ]; then _instep_pids="$_instep_pids \${_instep_p#/proc/}"; fi
  done
${programs.grep === null ? "" : markedLines(programs.grep)}  [ -n "$_instep_pids" ]
}
_instep_end() {
  if _instep_runs; then kill -s "$1" -- "-$_instep_pid"; fi
  for _instep_p in $_instep_pids; do kill -s "$1" "$_instep_p"; done
}
if _instep_sure; then printf go; else ${mv} "$_instep/${turn}" "$_instep/${cut}"; printf no; exit; fi
command exec >/dev/null
while _instep_sure; do
  ${sleep} ${GUARD_LOOK_S}
  _instep_who
  [ -d "$_instep" ] || _instep_runs || exit
  if [ "$_instep_leaves" = yes ] && [ -e "$_instep/${own}" ]; then exit; fi
done
${mv} "$_instep/${turn}" "$_instep/${cut}"
if [ "$_instep_leaves" = yes ] && [ -e "$_instep/${own}" ]; then exit; fi
_instep_who
_instep_left && _instep_end TERM
for _instep_n in ${Array.from({ length: GUARD_GRACE_S }, (_, n) => n + 1).join(" ")}; do
  _instep_left || exit
  ${sleep} 1
done
while _instep_left; do
  _instep_end KILL
  ${sleep} ${programs.pause}
done`;
}

/** Also what has made a session of its own. */
const markedLines = (
  grep: string,
): string => `  for _instep_p in $('${grep}' -lzxFe "$_instep_mark" /proc/[0-9]*/environ); do
    _instep_p=\${_instep_p#/proc/}
    _instep_pids="$_instep_pids \${_instep_p%/environ}"
  done
`;
