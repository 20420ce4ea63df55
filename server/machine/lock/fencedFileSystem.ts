/** The disk behind the fence: nothing is made, renamed or removed by its path without a proof that the folder is still this server's. */
import { constants } from "node:fs";
import type { FileSystem } from "../systemFiles.js";

/** `prove` rejects where it is not: then that is what the caller hears, and the disk is left alone. */
export function fencedFileSystem(fs: FileSystem, prove: () => Promise<void>): FileSystem {
  const proven =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await prove();
      return call(...args);
    };
  const open: FileSystem["open"] = async (path, flags, mode) => {
    if (mayCreate(flags)) await prove();
    return fs.open(path, flags, mode);
  };
  return {
    ...fs,
    open,
    rename: proven(fs.rename),
    link: proven(fs.link),
    unlink: proven(fs.unlink),
    rmdir: proven(fs.rmdir),
    mkdir: proven(fs.mkdir) as FileSystem["mkdir"],
  };
}

const mayCreate = (flags: string | number | undefined): boolean =>
  typeof flags === "number"
    ? (flags & constants.O_CREAT) !== 0
    : flags !== undefined && !flags.startsWith("r");
