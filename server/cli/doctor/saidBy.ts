/** Reads whether it is an Instep that answered, and what it refused. Pure. */
import * as z from "zod";
import type { Answer } from "./network.js";

const Problem = z.object({
  type: z.string().startsWith("urn:instep:problem:"),
  detail: z.string().default(""),
});
const List = z.object({ workflows: z.array(z.unknown()) });

/** `refused`: in the server's own words. `other`: something else answers there. */
export type SaidBy =
  | { readonly kind: "instep" }
  | { readonly kind: "refused"; readonly status: number; readonly detail: string }
  | { readonly kind: "other" };

/** `answer` to a read of the list. */
export function saidBy({ status, text }: Pick<Answer, "status" | "text">): SaidBy {
  const value = parsed(text);
  if (status === 200 && List.safeParse(value).success) return { kind: "instep" };
  const { data } = Problem.safeParse(value);
  return data ? { kind: "refused", status, detail: data.detail } : { kind: "other" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
