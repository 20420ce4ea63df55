/** The calls of the operating system with which files are kept: in turn with everything else, and a few that are made at once. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import * as calls from "node:fs/promises";

/** Those that are needed, so that a test can make the n-th of them fail. */
export type FileSystem = Pick<
  typeof calls,
  "open" | "rename" | "unlink" | "readdir" | "mkdir" | "rmdir" | "lstat" | "link"
> & {
  readonly openSync: (path: string, flags: number) => number;
  readonly fstatSync: (file: number) => { readonly size: number; isFile(): boolean };
  readonly readFileSync: (file: number, encoding: "utf8") => string;
  readonly closeSync: (file: number) => void;
};

export const systemFiles: FileSystem = { ...calls, openSync, fstatSync, readFileSync, closeSync };
