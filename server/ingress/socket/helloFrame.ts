/** The first frame of either live door: what this server is, and what the reader may do. */
import type { Clock } from "../../../shared/clock.js";
import type { Limits } from "../../../shared/limits.js";
import { PROTOCOL_VERSION } from "../../../shared/names.js";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import type { Standing } from "../../cluster/standing.js";
import type { Form } from "../../egress/frames.js";
import type { Access } from "../access/access.js";

export interface HelloParts {
  readonly clock: Clock;
  readonly limits: Pick<Limits, "heartbeatMs">;
  readonly bootId: string;
  readonly standing: Pick<Standing, "node">;
}

/** `form` is the one in which the reader hears of changes. */
export const helloFrame = (
  { can, grant: { user } }: Pick<Access, "can" | "grant">,
  form: Form,
  { clock, limits, bootId, standing }: HelloParts,
): ServerMessage => ({
  type: "hello",
  protocol: PROTOCOL_VERSION,
  server_time: new Date(clock.now()).toISOString(),
  boot_id: bootId,
  heartbeat_ms: limits.heartbeatMs,
  can,
  ...(user === null ? {} : { user }),
  named_followers: true,
  ...(standing.node === null ? {} : { node: standing.node }),
  ...(form === "merge" ? { changes: form } : {}),
});
