/** A file system whose n-th call fails, so that every place where a disk can refuse is tried. */
import * as nodeFileSystem from "node:fs/promises";
import { type FileSystem, systemFiles } from "../../../server/machine/systemFiles.js";

export interface FailingFileSystem extends FileSystem {
  /** The calls so far, by name. */
  readonly calls: string[];
  /** The n-th call from now on (0 is the next) fails with `code`; every later one too, if `forever`. "SHORT": the disk is full half-way through a write. */
  failAt(n: number, code: string, forever?: boolean): void;
  heal(): void;
}

export function failingFileSystem(): FailingFileSystem {
  const calls: string[] = [];
  let failing: { from: number; code: string; forever: boolean } | null = null;

  const fails = (name: string): string | null => {
    const n = calls.push(name) - 1;
    return failing && (n === failing.from || (failing.forever && n > failing.from))
      ? failing.code
      : null;
  };
  const refusal = (name: string, code: string): Error =>
    Object.assign(new Error(`${code} in ${name}`), asNodeSays(code));
  const step = (name: string): void => {
    const code = fails(name);
    if (code !== null) throw refusal(name, code);
  };
  const wrapped =
    <Args extends unknown[], Result>(name: string, call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      step(name);
      return call(...args);
    };
  const atOnce =
    <Args extends unknown[], Result>(name: string, call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      step(name);
      return call(...args);
    };
  const open = async (...args: Parameters<typeof nodeFileSystem.open>) => {
    step("open");
    const handle = await nodeFileSystem.open(...args);
    return new Proxy(handle, {
      get: (target, key) => {
        const member = Reflect.get(target, key) as unknown;
        if (typeof member !== "function") return member;
        const call = member.bind(target) as (...callArgs: unknown[]) => Promise<unknown>;
        if (key === "writeFile") {
          return async (text: string) => {
            const code = fails("handle.writeFile");
            if (code === null) return call(text);
            if (code === "SHORT") await call(text.slice(0, text.length / 2));
            throw refusal("handle.writeFile", code);
          };
        }
        if (key === "write") {
          return async (bytes: Uint8Array, from: number, count: number, position: number) => {
            const code = fails("handle.write");
            if (code === null) return call(bytes, from, count, position);
            if (code === "SHORT") await call(bytes, from, count >> 1, position);
            throw refusal("handle.write", code);
          };
        }
        // A handle is always given back, or the test itself would leak it.
        return key === "close" ? call : wrapped(`handle.${String(key)}`, call);
      },
    });
  };

  return {
    calls,
    failAt: (n, code, forever = false) => {
      failing = { from: calls.length + n, code, forever };
    },
    heal: () => {
      failing = null;
    },
    open,
    rename: wrapped("rename", nodeFileSystem.rename as never) as FileSystem["rename"],
    unlink: wrapped("unlink", nodeFileSystem.unlink as never) as FileSystem["unlink"],
    readdir: wrapped("readdir", nodeFileSystem.readdir as never) as FileSystem["readdir"],
    mkdir: wrapped("mkdir", nodeFileSystem.mkdir as never) as FileSystem["mkdir"],
    rmdir: wrapped("rmdir", nodeFileSystem.rmdir as never) as FileSystem["rmdir"],
    link: wrapped("link", nodeFileSystem.link as never) as FileSystem["link"],
    openSync: atOnce("openSync", systemFiles.openSync),
    fstatSync: atOnce("fstatSync", systemFiles.fstatSync),
    readFileSync: atOnce("readFileSync", systemFiles.readFileSync),
    // Always given back, as above.
    closeSync: systemFiles.closeSync,
    lstat: wrapped("lstat", nodeFileSystem.lstat as never) as FileSystem["lstat"],
  };
}

/** Node has no name for a quota that is used up. */
function asNodeSays(code: string): { code: string; errno?: number } {
  if (code === "EDQUOT") return { code: "Unknown system error -122", errno: -122 };
  return { code: code === "SHORT" ? "ENOSPC" : code };
}
