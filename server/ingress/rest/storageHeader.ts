/** Every answer of REST says so while the disk refuses to keep what is written. */
import type { ServerResponse } from "node:http";
import { STORAGE_HEADER } from "../../../shared/wire/storage.js";
import type { StorageHealth } from "../../machine/storageHealth.js";

export function tellStorage(
  { reason }: Pick<StorageHealth, "reason">,
  response: ServerResponse,
): void {
  if (reason !== null) response.setHeader(STORAGE_HEADER, reason);
}
