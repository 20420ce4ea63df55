/** The far side as text for a POSIX shell: functions that begin, watch, end and remove kept commands, and answer in frames. */

import { ASK_FOR_PROGRAMS } from "../local/keeperPrograms.js";
import { KEEPER_NAME } from "../local/script.js";
import { MOST_FRAME } from "./link/answerReader.js";

/** In the home folder there. */
export const FAR_FOLDER = ".instep";

/** The programs that have to be there, beside what a POSIX shell has in itself. */
const NEEDED = "mkdir rmdir mkfifo dd wc tail head rm mv sleep setsid cat tr grep";

/**
 * A process is known by its number and the time of its start; `Z` and `X` are dead. A file may be renamed while it is read, so it is
 * opened once and measured through its number. Everything may be told twice.
 */
export const FAR_PRELUDE = `exec 2>/dev/null
LC_ALL=C; export LC_ALL; umask 077; unset ENV BASH_ENV CDPATH IFS
cd "$HOME"; K=$HOME/${FAR_FOLDER}; L=
trap 'exit 1' HUP TERM
trap 'if [ -n "$L" ] && read -r a b <"$L" && [ "$a" = $$ ]; then rm -f "$L"; rmdir "$K"; fi' EXIT
up() { read -r UP rest </proc/uptime; }
answered() { up; echo ". $1 $UP"; }
stat_of() {
  IFS= read -r line <"/proc/$1/stat" || return 1
  case $line in *') '*) ;; *) line=$(tr '\\n' ' ' <"/proc/$1/stat") ;; esac
  NAME=\${line#*(}; NAME=\${NAME%)*}
  set -- \${line##*) }
  STATE=$1 GROUP=$3 START=\${20}
}
runs() { stat_of "$1" && [ "$START" = "$2" ] && [ "$STATE" != Z ] && [ "$STATE" != X ]; }
hello() {
  IFS= read -r BOOT </proc/sys/kernel/random/boot_id
  mkdir -p "$K"; L=$K/link.$2
  if read -r a b <"$L" && runs "$a" "$b"; then [ "$GROUP" != "$a" ] || a=-$a; kill -s KILL -- "$a"; fi
  stat_of $$; echo "$$ $START" >"$L"
  up; printf '\\n%s h %s %s\\n' "$1" "$BOOT" "$UP"
}
file() { set -- "$1" "$2" "$3" "$(($(wc -c <"$3") + 0))"; [ "$4" -le ${MOST_FRAME} ] || set -- "$1" "$2" "$3" ${MOST_FRAME}; echo "T $1 $2 $4"; head -c "$4" <"$3"; }
programs() {
  missing=
  for a in ${NEEDED}; do command -v "$a" >/dev/null || missing="$missing, $a"; done
  [ -r /proc/self/stat ] && [ -n "$BOOT" ] || missing="$missing, /proc"
  sleep 0.01 || missing="$missing, sleep with fractions of a second"
  mkdir -p "$K"; command : >"$K/.try" && rm -f "$K/.try" || missing="$missing, a folder ~/${FAR_FOLDER} to write to"
  all=$(if [ "$(id -u)" != 0 ] && [ ! -e "/var/lib/systemd/linger/$(id -un)" ] &&
    grep -qs '^[[:space:]]*KillUserProcesses=\\(yes\\|1\\|true\\|on\\)' /etc/systemd/logind.conf /etc/systemd/logind.conf.d/*.conf /run/systemd/logind.conf.d/*.conf
  then echo ends; else echo stays; fi
${ASK_FOR_PROGRAMS})
  all="\${missing#, }
$all"
  echo "T $1 programs \${#all}"; printf %s "$all"
}
run_of() {
  { IFS= read -r a; IFS= read -r b; IFS= read -r BOOTED; IFS= read -r c; IFS= read -r dot; } <"$1/run" && [ "$dot" = . ] || return 1
  KEEPER=\${a%% *} PID=\${b%% *}
  set -- \${a##*) }; KEPT=\${20}
  set -- $PID \${b##*) }; SINCE=\${21}
}
look() {
  all=$*
  for pause in 0.05 0.1 0.2 0.3 ''; do
    news=
    set -- $all
    while [ $# -ge 5 ]; do look_at "$1" "$2" "$3" "$4" "$5"; shift 5; done
    [ -z "$news" ] && [ -n "$pause" ] || return 0
    sleep $pause
  done
}
ended() { read -r a b c dot <"$1/end" && [ "$dot" = . ]; }
look_at() {
  d=$K/$1
  if ! [ -d "$d" ]; then news=1; echo "X $1"; return; fi
  if ! run_of "$d"; then
    if ended "$d"; then news=1; file "$1" end "$d/end"; fi
  else
    case $2 in *r*) ;; *) news=1; file "$1" run "$d/run" ;; esac
    case $2 in
    *g*) ;;
    *e*) runs $PID $SINCE || { news=1; echo "G $1"; } ;;
    *) if ended "$d"; then news=1; [ ! -f "$d/handed" ] || [ -h "$d/handed" ] || [ ! -s "$d/handed" ] || file "$1" handed "$d/handed"; file "$1" end "$d/end"
      elif [ "$BOOTED" != "$BOOT" ]; then news=1; echo "G $1 boot"
      elif ! runs $PID $SINCE && ! runs $KEEPER $KEPT && ! ended "$d"; then news=1; echo "G $1 keeper"; fi ;;
    esac
  fi
  [ "$5" = 0 ] || printed "$d" "$@"
}
gap() {
  for GAP in "$1"/left.* "$1"/past.*; do
    g=\${GAP##*/}; g=\${g#*.}; [ "$g" != '*' ] || continue
    FROM=\${g%%.*}; g=\${g#*.}; TO=\${g%%.*}; LEFT=\${g#*.}
    if [ "$FROM" -le "$2" ] && [ "$2" -le "$TO" ]; then return 0; fi
  done
  return 1
}
writes() {
  for p in /proc/[0-9]*; do
    if stat_of "\${p#/proc/}" && [ "$GROUP" = "$KEEPER" ] && [ "$STATE" != Z ]; then return 0; fi
  done
  return 1
}
printed() {
  n=$(($4 + 1)) whole= last=
  if read -r a dot <"$1/eof" && [ "$dot" = . ]; then last=$a; fi
  if [ -e "$1/out.$n" ] || [ -e "$1/in.$n" ] || gap "$1" "$n" || [ -n "$last" ]; then whole=1; fi
  f=$1/in.$4
  [ -e "$f" ] || mv "$1/out.$4" "$f"
  if ! command exec 5<"$f"; then
    if gap "$1" "$4"; then
      case $GAP in */left.*) mv "$GAP" "$1/past.$FROM.$TO.$LEFT" || return ;; esac
      news=1; echo "L $2 $TO $LEFT"
    elif [ -n "$last" ] && [ "$4" -ge "$last" ]; then news=1; echo "Z $2"
    else case $3 in *l*) [ -e "$1/out.$4" ] || writes || { news=1; echo "Z $2"; } ;; esac; fi
    return
  fi
  size=$(($(wc -c </proc/self/fd/5) + 0))
  if [ "$size" -gt "$5" ]; then
    size=$((size - $5)); [ "$size" -le "$6" ] || size=$6
    news=1; echo "D $2 $4 $5 $size"; tail -c "+$(($5 + 1))" <&5 | head -c "$size"
  elif [ -n "$last" ] && [ "$4" -ge "$last" ]; then news=1; echo "Z $2"
  elif [ -n "$whole" ]; then news=1; echo "N $2 $4"
  else case $3 in *l*) writes || [ "$(($(wc -c </proc/self/fd/5) + 0))" -gt "$5" ] || { news=1; echo "Z $2"; } ;; esac; fi
  exec 5<&-
}
free() {
  for f in "$K/$1"/out.* "$K/$1"/in.*; do
    a=\${f##*.}; [ "$a" != '*' ] && [ "$a" -lt "$2" ] && rm -f "$f"
  done
  for f in "$K/$1"/left.* "$K/$1"/past.*; do
    a=\${f##*/}; a=\${a#*.}; [ "$a" != '*' ] || continue
    a=\${a#*.}; [ "\${a%%.*}" -ge "$2" ] || rm -f "$f"
  done
}
claim() {
  mkdir -p "$K"
  if mkdir "$K/$1"; then return 0; fi
  [ -d "$K/$1" ] && echo "S $1 there" || echo "S $1 refused"
  return 1
}
find() { if [ -d "$K/$1" ]; then echo "S $1 there"; else echo "S $1 never"; fi; }
unborn() {
  d=$K/$1
  if run_of "$d" || ended "$d"; then return; fi
  for p in /proc/[0-9]*; do
    case $(tr '\\0' ' ' <"$p/cmdline") in *"${KEEPER_NAME} $d "*) return ;; esac
  done
  run_of "$d" || ended "$d" || { command : >"$d/begun"; echo "S $1 never"; }
}
each_of() {
  mark=; [ -z "$2" ] || IFS= read -r mark <"$K/$1/mark" || [ -n "$mark" ]
  run_of "$K/$1" && [ "$BOOTED" = "$BOOT" ] || return 0
  for p in /proc/[0-9]*; do
    p=\${p#/proc/}
    stat_of "$p" && [ "$STATE" != Z ] && [ "$STATE" != X ] && [ "$START" -ge "$SINCE" ] || continue
    [ "$GROUP" != "$KEEPER" ] || continue
    if [ "$GROUP" = "$PID" ]; then at=in
    elif [ -n "$mark" ] && tr '\\0' '\\n' <"/proc/$p/environ" | grep -Fxq -- "$mark"; then at=out
    else continue; fi
    if [ "$3" != 0 ]; then
      if [ $at = out ] && [ "$GROUP" = "$p" ]; then kill -s "$3" -- "-$p"; else kill -s "$3" -- "$p"; fi
      [ "$3" = KILL ] || kill -s CONT -- "$p"
    fi
    echo "P $1 $at $p $NAME"
  done
}
clean() {
  d=$K/$1
  if [ -d "$d" ]; then
    [ "$2" != ends ] || each_of "$1" marked KILL >/dev/null
    if run_of "$d" && [ "$BOOTED" = "$BOOT" ] && runs $KEEPER $KEPT; then
      [ "$GROUP" != "$KEEPER" ] || kill -s KILL -- "-$KEEPER"
    fi
    mv "$d" "$d.gone"
  fi
  rm -rf "$d.gone"
  [ -e "$d" ] || [ -e "$d.gone" ] || echo "C $1"
}`;
