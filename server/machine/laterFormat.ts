/** The formats of files: one of a later version says more than this version knows, so that written over it would lose that. */
import * as z from "zod";

const Later = z.object({ format: z.int().min(2) });

/** The number of a format after the first; null for anything else. */
export const laterFormat = (value: unknown): number | null =>
  Later.safeParse(value).data?.format ?? null;
