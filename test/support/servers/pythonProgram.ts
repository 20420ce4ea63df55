/** A program that has clients/python/instep.py beside it, as a process. */
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { until } from "../deadline.js";
import { ROOT } from "../docs/packedPackage.js";

export interface PythonProgram {
  readonly child: ChildProcess;
  /** What it printed, on both streams; grows. */
  readonly out: string;
  /** Undefined while it runs. */
  readonly code: number | null | undefined;
  /** Resolves once it has printed this. */
  says(text: string): Promise<void>;
  /** Resolves with all that it printed, once it has ended well. */
  ended(): Promise<string>;
}

/** Starts it; whoever does so ends it. */
export function python(
  code: string,
  url: string,
  { folder = path.join(ROOT, "clients/python"), env = {} as NodeJS.ProcessEnv } = {},
): PythonProgram {
  const child = spawn("python3", ["-u", "-c", code, url], {
    env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1", ...env },
  });
  const run = { out: "", code: undefined as number | null | undefined };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      run.out += text;
    });
  child.on("close", (status) => {
    run.code = status;
  });
  return {
    child,
    get out() {
      return run.out;
    },
    get code() {
      return run.code;
    },
    says: async (text) => {
      await until(
        () => run.out.includes(text),
        () => `${JSON.stringify(text)} is said: ${run.out}`,
      );
    },
    ended: async () => {
      await until(
        () => run.code !== undefined,
        () => `the program ends: ${run.out}`,
      );
      if (run.code !== 0) throw new Error(`it ended with ${run.code}: ${run.out}`);
      return run.out;
    },
  };
}
