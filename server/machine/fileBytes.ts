/** Bytes at a place in an open file, all of them: one call may take or give fewer. */
import type { FileHandle } from "node:fs/promises";

/** Writes all bytes at `position`. Rejects where the disk refuses; then some of them may be there. */
export async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(
      bytes,
      written,
      bytes.length - written,
      position + written,
    );
    written += bytesWritten;
  }
}

/** Reads `count` bytes from `position`. Rejects where the file ends before. */
export async function readAll(
  handle: FileHandle,
  position: number,
  count: number,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(count);
  let read = 0;
  while (read < count) {
    const { bytesRead } = await handle.read(bytes, read, count - read, position + read);
    if (bytesRead === 0) throw new Error("a file is shorter than what was kept in it");
    read += bytesRead;
  }
  return bytes;
}
