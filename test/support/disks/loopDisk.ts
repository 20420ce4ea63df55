/** A file system in a file, on a loop device: a copy of that file, taken while it is in use, is what a power cut would leave of it. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Seconds between two commits of the file system by itself: long, so that only what was asked for is on the disk. */
const COMMIT_S = 300;
const IMAGE_BYTES = 64 * 1024 * 1024;

/** Null where this machine lets us mount one, else why not. */
export async function whyNoLoopDisk(folder: string): Promise<string | null> {
  if (process.getuid?.() !== 0) return "only root may mount";
  try {
    const disk = await LoopDisk.make(folder, "trial");
    await disk.unmount();
    return null;
  } catch (error) {
    return `a loop device cannot be mounted here: ${String(error).split("\n")[0]}`;
  }
}

export class LoopDisk {
  readonly image: string;
  readonly mountPoint: string;
  readonly #folder: string;
  #cuts = 0;
  #isMounted = false;

  static async make(folder: string, name: string, bytes = IMAGE_BYTES): Promise<LoopDisk> {
    const disk = new LoopDisk(folder, name);
    const file = await open(disk.image, "wx");
    await file.truncate(bytes);
    await file.close();
    await run("mkfs.ext4", ["-q", "-F", disk.image]);
    await disk.#mount();
    return disk;
  }

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.image = join(folder, `${name}.img`);
    this.mountPoint = join(folder, name);
  }

  /** The power is cut: what had reached the disk by now, as a disk of its own. Nobody is asked, nothing is flushed. */
  async cut(): Promise<LoopDisk> {
    this.#cuts += 1;
    const left = new LoopDisk(this.#folder, `cut-${this.#cuts}`);
    await copyFile(this.image, left.image);
    await left.#mount();
    return left;
  }

  /** The mount takes its loop device along. May be called again. */
  async unmount(): Promise<void> {
    if (!this.#isMounted) return;
    await run("umount", [this.mountPoint]).catch(() => run("umount", ["-l", this.mountPoint]));
    this.#isMounted = false;
    await rm(this.image, { force: true });
  }

  async #mount(): Promise<void> {
    await mkdir(this.mountPoint);
    await run("mount", ["-o", `loop,commit=${COMMIT_S}`, this.image, this.mountPoint]);
    this.#isMounted = true;
  }
}
