/** Tells file systems that only one kernel can have mounted from those that several machines share. */
import type { LockFileSystem } from "./lockFolder.js";

/** `f_type` of statfs(2): on a disk or in memory of this machine. Not here: networks, FUSE, 9p, shared folders of virtual machines, clusters. */
const LOCAL: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
  0x3153464a, // JFS
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs: its upper layer belongs to one mount
]);

/**
 * A holder that lives then runs on this very kernel: a disk that was moved here, or came up again after a reboot, is mounted nowhere
 * else. False where that is not known.
 */
export async function isLocalDisk(path: string, fs: LockFileSystem): Promise<boolean> {
  if (process.platform !== "linux") return false;
  try {
    const { type } = await fs.statfs(path);
    // The kernel may give it sign-extended.
    return LOCAL.has(type >>> 0);
  } catch {
    return false;
  }
}
