/** The part of a keeper that takes what its command prints: into pieces of bounded length and number, the middle left out where nobody takes them. */
import type { KeeperPrograms } from "./keeperPrograms.js";

export interface SpoolLimits {
  /** A piece has at most so many bytes. */
  readonly segmentBytes: number;
  /** So many pieces may wait to be taken. */
  readonly most: number;
  /** Of these so many are the first ones, the others the newest. */
  readonly head: number;
  /** So long, in seconds, the command waits for somebody to take them. */
  readonly patience: number;
}

export const USUAL_LIMITS: SpoolLimits = {
  segmentBytes: 8 * 1024 * 1024,
  most: 8,
  head: 4,
  patience: 10,
};

const BLOCK_BYTES = 65_536;
/** One `dd` makes so many reads at least, and so many where the last ones brought little: to start one for every few lines costs more than the lines. */
const LEAST_BLOCKS = 8;
const MOST_BLOCKS = 256;
const SMALL_READ = 2_048;
/** After the disk was full: so many blocks must have room, and so many are then written, so many times. */
const TIGHT_ROOM = 16;
const TIGHT_BLOCKS = 8;
const TIGHT_TURNS = 64;

/**
 * Reads standard input to its end, which is only where `dd` succeeds with fewer reads than it may make. One piece takes what several of them read, until
 * it has its length: a command that prints one line at a time fills no more pieces than any other. A `dd` that fails may lose the one block
 * that it held: a number is left out there, with a record of it. A piece that the server has begun to read is called `in` instead of
 * `out`, and is not left out any more. What is left out stands in a file's name: a renaming needs no room, and is done at once.
 */
export function writerScript(programs: KeeperPrograms, limits: SpoolLimits): string {
  const { dd, sleep, pause } = programs;
  const whole = Math.max(LEAST_BLOCKS, Math.floor(limits.segmentBytes / BLOCK_BYTES));
  return `LC_ALL=C
export LC_ALL
_instep_n=1 _instep_o=1 _instep_from=0 _instep_to=0 _instep_left=0
_instep_away= _instep_waited=0 _instep_tight=0 _instep_blocks=${whole} _instep_filled=
while :; do
[ -n "$_instep_filled" ] || {
${keepBound(programs, limits)}
}
[ -n "$_instep_filled" ] || {
  until command exec 5>"$_instep/out.$_instep_n"; do
    [ -d "$_instep" ] || exit
    '${sleep}' 1
  done
  _instep_filled=0
}
if [ "$_instep_tight" -gt 0 ]; then
  if '${dd}' if=/dev/zero of="$_instep/room" bs=${BLOCK_BYTES} count=${TIGHT_ROOM} && : >"$_instep/room"; then
    _instep_blocks=${TIGHT_BLOCKS}
  else
    [ -d "$_instep" ] || exit
    : >"$_instep/room"
    if [ "$_instep_filled" -gt 0 ]; then
      _instep_n=$((_instep_n + 1)) _instep_filled=
    else
      '${sleep}' 1
    fi
    continue
  fi
fi
_instep_said=$('${dd}' bs=${BLOCK_BYTES} count="$_instep_blocks" 2>&1 >&5)
_instep_status=$?
if [ "$_instep_status" -eq 0 ]; then
  ${READS_TAKEN}
  if [ "$_instep_reads" -lt "$_instep_blocks" ]; then
    until printf '%s .\n' "$_instep_n" 1<>"$_instep/eof"; do
      [ -d "$_instep" ] || exit
      '${sleep}' 1
    done
    exit
  fi
  _instep_filled=$((_instep_filled + _instep_bytes))
  _instep_rest=$(((${limits.segmentBytes} - _instep_filled) / ${BLOCK_BYTES} + 1))
  if [ "$_instep_filled" -ge ${limits.segmentBytes} ]; then
    _instep_n=$((_instep_n + 1)) _instep_filled= _instep_rest=${whole}
  fi
  [ "$_instep_tight" -eq 0 ] || _instep_tight=$((_instep_tight - 1))
  [ "$_instep_tight" -eq 0 ] || continue
  _instep_blocks=$_instep_rest
  [ "$_instep_bytes" -ge $((_instep_reads * ${SMALL_READ})) ] || _instep_blocks=${MOST_BLOCKS}
  [ "$_instep_blocks" -ge ${LEAST_BLOCKS} ] || _instep_blocks=${LEAST_BLOCKS}
  continue
fi
_instep_filled=
[ -d "$_instep" ] || exit
_instep_tight=${TIGHT_TURNS}
_instep_n=$((_instep_n + 2))
until : >"$_instep/left.$((_instep_n - 1)).$((_instep_n - 1)).${BLOCK_BYTES}"; do
  [ -d "$_instep" ] || exit
  '${sleep}' '${pause}'
done
done`;
}

/** Waits where too many pieces wait, and leaves some out where nobody takes any. */
function keepBound(
  { mv, wc, sleep, pause }: KeeperPrograms,
  { most, head, patience }: SpoolLimits,
): string {
  return `while :; do
  while [ "$_instep_o" -lt "$_instep_n" ] && [ ! -e "$_instep/out.$_instep_o" ] && [ ! -e "$_instep/in.$_instep_o" ]; do
    if [ "$_instep_o" -ge "$_instep_from" ] && [ "$_instep_o" -lt "$_instep_to" ]; then _instep_o=$_instep_to; fi
    _instep_o=$((_instep_o + 1)) _instep_away= _instep_waited=0
  done
  [ $((_instep_n - _instep_o)) -ge ${most} ] || break
  _instep_there=0
  for _instep_line in "$_instep"/out.* "$_instep"/in.*; do
    [ ! -e "$_instep_line" ] || _instep_there=$((_instep_there + 1))
  done
  [ "$_instep_there" -ge ${most} ] || break
  if [ -z "$_instep_away" ] && [ "$_instep_waited" -lt ${Math.ceil(patience / Number(pause))} ]; then
    _instep_waited=$((_instep_waited + 1))
    '${sleep}' ${pause}
    continue
  fi
  _instep_away=1 _instep_c=$((_instep_o + ${head}))
  [ "$_instep_to" -lt "$_instep_o" ] || _instep_c=$((_instep_to + 1))
  while [ "$_instep_c" -lt "$_instep_n" ] && [ ! -e "$_instep/out.$_instep_c" ]; do _instep_c=$((_instep_c + 1)); done
  [ "$_instep_c" -lt "$_instep_n" ] || break
  '${mv}' "$_instep/out.$_instep_c" "$_instep/drop" || {
    [ -d "$_instep" ] || exit
    '${sleep}' '${pause}'
    continue
  }
  _instep_size=$('${wc}' -c <"$_instep/drop")
  _instep_size=$((_instep_size))
  : >"$_instep/drop"
  if [ "$_instep_to" -ge "$_instep_o" ] && [ "$_instep_c" -eq $((_instep_to + 1)) ] &&
    '${mv}' "$_instep/left.$_instep_from.$_instep_to.$_instep_left" "$_instep/left.$_instep_from.$_instep_c.$((_instep_left + _instep_size))"
  then
    _instep_size=$((_instep_left + _instep_size))
  else
    _instep_from=$_instep_c
    '${mv}' "$_instep/drop" "$_instep/left.$_instep_c.$_instep_c.$_instep_size"
  fi
  _instep_to=$_instep_c _instep_left=$_instep_size
done`;
}

/** Of what `dd` says: `0+3 records in`, `0+3 records out`, `1234 bytes …`, perhaps behind a warning. A read is a write of the command's, or several. */
const READS_TAKEN = `_instep_reads=\${_instep_said%% records in*}
  _instep_reads=\${_instep_reads##*
}
  _instep_bytes=\${_instep_said##*records out}
  _instep_bytes=\${_instep_bytes#?}
  _instep_bytes=\${_instep_bytes%% *}
  _instep_reads=$((\${_instep_reads%%+*} + \${_instep_reads#*+}))`;
