/** The text that begins a command on another machine. All values go in here, and nothing of them into the arguments of ssh or of a shell there. Pure. */
import { FILE } from "../../definition/scriptCall.js";
import { FAR_VALUE } from "../../variables/farVariables.js";
import type { KeeperPrograms } from "../local/keeperPrograms.js";
import { ASIDE, KEEPER_NAME, keeperScript, quote, setAside } from "../local/script.js";
import { USUAL_LIMITS } from "../local/writerScript.js";

/** As a step has it, for a machine that is not this one. */
export interface FarStart {
  readonly argv: readonly string[];
  /** The text of the file that `{{file}}` in `argv` stands for. */
  readonly scriptFile?: string | undefined;
  /** Relative to the home folder there. */
  readonly cwd?: string | undefined;
  /** Over what a login there has. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `NAME=value` out of it. */
  readonly mark: string;
}

/**
 * Making the folder is the claim: a second start of the same finds it there. `setsid -f` lets the keeper go in the foreground, as a
 * child in the background would ignore SIGINT for ever.
 */
export function startText(id: string, start: FarStart, programs: KeeperPrograms): string {
  const { argv, scriptFile, cwd = "", mark } = start;
  const names = Object.keys(start.env).filter((name) => start.env[name] !== undefined);
  const aside = setAside(start.env, mark);
  const folder = quote(cwd === "~" ? "." : cwd.startsWith("~/") ? `./${cwd.slice(2)}` : cwd || ".");
  const exported = names.map((name) => {
    const own = aside.includes(name) ? `${ASIDE}${name}` : name;
    return `export ${own}=${farWord(start.env[name] ?? "")}`;
  });
  const words = argv.map((word) => word.split(FILE).map(quote).join('"$d/script"'));
  const keeper = quote(keeperScript({ programs, limits: USUAL_LIMITS, aside }));
  const sh = `/bin/sh -c ${keeper} ${KEEPER_NAME} "$d" ${words.join(" ")} </dev/null >/dev/null 2>&1`;
  const setsid = quote(programs.setsid);
  return `if claim ${id}; then
d=$K/${id}
if ! (cd -- ${folder}); then rm -rf "$d"; echo "S ${id} nofolder "${quote(shownFolder(cwd))}; else
printf '%s' ${quote(mark)} >"$d/mark"
printf '%2048s' '' >"$d/run"; printf '%128s' '' >"$d/end"; printf '%64s' '' >"$d/eof"; : >"$d/handed"
${scriptFile === undefined ? ":" : `printf '%s' ${quote(scriptFile)} >"$d/script"`}
(
cd -- ${folder} || exit
unset LC_ALL
${exported.join("\n")}
export INSTEP_OUTPUT="$d/handed"
${programs.waits ? `${setsid} -f ${sh}` : `${setsid} ${sh} &`}
)
echo "S ${id} started"
fi
fi`;
}

/** One word for a shell there, in which variables of that machine have their value. */
const farWord = (value: string): string =>
  value
    .split(FAR_VALUE)
    .map((part, at) => (at % 2 === 0 ? quote(part) : `"\${${part}-}"`))
    .join("");

const shownFolder = (cwd: string): string => cwd.replace(/[\p{Cc}\s]+/gu, "_").slice(0, 200);
