/** The program that opens pseudo-terminals: where it is, and what to say where it is not. */
import { inPath } from "./programProblem.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export const NO_SCRIPT =
  "`tty` needs the program `script` of util-linux, which is not on this machine (Debian and Ubuntu have it in bsdutils)";
const USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Why no terminal can be had on this machine; null where nothing is known that speaks against it. */
export const terminalProblem = (): string | null => (scriptProgram({}) === null ? NO_SCRIPT : null);

export const searchPath = ({ PATH }: Environment): string =>
  PATH === undefined ? USUAL_PATH : `${PATH}:${USUAL_PATH}`;

export const scriptProgram = (env: Environment): string | null =>
  inPath("script", { cwd: "/", env: { PATH: searchPath(env) } });
