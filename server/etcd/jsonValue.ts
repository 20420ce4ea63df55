/** Reads what a key of the store holds as JSON: what another version wrote there, or a hand, is no fault of whoever reads it. */
import type { z } from "zod";

/** Null for what is not JSON, and for what the schema does not take. */
export function readJsonValue<Schema extends z.ZodType>(
  schema: Schema,
  value: Buffer,
): z.infer<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(value.toString())).data ?? null;
  } catch {
    return null;
  }
}
