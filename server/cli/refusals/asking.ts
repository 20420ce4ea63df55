/** A call to a server, whose failure becomes a sentence and an exit code. */
import { explained, type Said } from "./explained.js";

/** Runs a call, and turns what may be expected to go wrong into a sentence and an exit code. */
export async function asking<T>(url: string, call: () => Promise<T>, said?: Said): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explained(url, error, said);
  }
}
