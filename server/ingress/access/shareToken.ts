/** The token of a link for one workflow: its terms in plain, and a seal over them that only this server's key makes. Pure. */
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { WORKFLOW_ID } from "../../../shared/names.js";

/** The bounds of one link. */
export interface ShareTerms {
  /** By which people name the link: it opens nothing. */
  readonly number: string;
  readonly workflow_id: string;
  /** The life of the workflow that it shows: a later one of the same id is another workflow. */
  readonly epoch: string;
  /** Milliseconds since the Unix epoch. */
  readonly ends_at: number;
}

const PREFIX = "share.";
/** Longer than any that this server makes. */
const MOST_CHARACTERS = 1_000;
/** Words of their own, so that no seal made by the same key for something else fits. */
const PURPOSE = "instep link 1\n";

const Terms = z.tuple([
  z.string().regex(/^\d{6}$/),
  z.string().regex(WORKFLOW_ID),
  z.string().min(1).max(128),
  z.int().positive(),
]);

export const isShareToken = (token: string): boolean => token.startsWith(PREFIX);

export function shareTokenOf(
  { number, workflow_id, epoch, ends_at }: ShareTerms,
  key: Buffer,
): string {
  const terms = Buffer.from(JSON.stringify([number, workflow_id, epoch, ends_at])).toString(
    "base64url",
  );
  return `${PREFIX}${terms}.${sealOf(terms, key)}`;
}

/** The terms of a token that this key has sealed; null for any other text. Takes as long for a wrong seal as for a right one. */
export function readShareToken(token: string, key: Buffer): ShareTerms | null {
  if (!isShareToken(token) || token.length > MOST_CHARACTERS) return null;
  const [terms = "", seal = "", ...more] = token.slice(PREFIX.length).split(".");
  if (more.length > 0) return null;
  // As text: another spelling of the same bytes is another token.
  const right = Buffer.from(sealOf(terms, key));
  const given = Buffer.from(seal);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
  try {
    const read = Terms.safeParse(JSON.parse(Buffer.from(terms, "base64url").toString()));
    if (!read.success) return null;
    const [number, workflow_id, epoch, ends_at] = read.data;
    return { number, workflow_id, epoch, ends_at };
  } catch {
    return null;
  }
}

const sealOf = (terms: string, key: Buffer): string =>
  createHmac("sha256", key)
    .update(PURPOSE + terms)
    .digest("base64url");
