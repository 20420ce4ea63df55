/** A strict program of somebody else in a folder that has a package installed: what the compiler and the checkers of packages say of it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./packedPackage.js";

/** The three ways in which TypeScript finds a package of today. */
export const RESOLUTIONS = {
  node16: { module: "node16", moduleResolution: "node16" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
} as const;

/** What the compiler says of `text`, a module in a folder of its own below `folder`; empty where all is well. */
export function compile(folder: string, name: string, text: string, more: object): string {
  const own = path.join(folder, name);
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, "program.mts"), text);
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: "es2022" },
    // All declarations but those of the language itself, which are never ours.
    ...{ skipLibCheck: false, skipDefaultLibCheck: true },
    ...{ exactOptionalPropertyTypes: true, lib: ["es2023"], typeRoots: ["../node_modules/@types"] },
    ...more,
  };
  const files = ["program.mts"];
  writeFileSync(path.join(own, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  return saidBy("tsc", ["--project", own], folder);
}

/** Empty where a program of this checkout's packages ends with 0 in `folder`, else all that it printed. */
export function saidBy(program: string, args: readonly string[], folder: string): string {
  const main = realpathSync(path.join(ROOT, "node_modules/.bin", program));
  try {
    execFileSync(process.execPath, [main, ...args], { cwd: folder, encoding: "utf8" });
    return "";
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}` || String(error);
  }
}
