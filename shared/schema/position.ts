/** Where a document stands. */
import * as z from "zod";

/** Counts accepted changes. `epoch` names the counter: a document that starts again starts a new one. */
export const Position = z.strictObject({
  epoch: z.string().min(1).max(64),
  revision: z.int().nonnegative(),
});
export type Position = z.infer<typeof Position>;
