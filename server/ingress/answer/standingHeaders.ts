/** Every answer of REST of a server of a cluster says which one gave it, and since when it cannot follow the store. */
import type { ServerResponse } from "node:http";
import { SERVED_BY_HEADER, STALE_HEADER } from "../../../shared/wire/standing.js";
import type { Standing } from "../../cluster/standing.js";

/** As it stands now: an answer that was held is told again, before it goes. */
export function tellStanding({ node, staleSince }: Standing, response: ServerResponse): void {
  if (node === null) return;
  response.setHeader(SERVED_BY_HEADER, node);
  if (staleSince !== null) response.setHeader(STALE_HEADER, staleSince);
  else if (response.hasHeader(STALE_HEADER)) response.removeHeader(STALE_HEADER);
}
