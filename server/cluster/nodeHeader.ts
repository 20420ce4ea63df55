/** The header by which nodes know each other: who calls whom, for what and when, sealed with the secret that all of them share. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { isNodeName } from "./nodeName.js";

/** As it is sent. */
export const NODE_HEADER = "Instep-Node";

/** A call as it is sealed. */
export interface SealedCall {
  readonly from: string;
  readonly to: string;
  readonly method: string;
  /** Below the url of the called node, with its query. */
  readonly path: string;
  /** Wall time, in ms. */
  readonly at: number;
  readonly nonce: string;
}

/** How the header of a call reads. */
export function nodeHeaderOf(secret: Buffer, call: SealedCall): string {
  const { from, to, at, nonce } = call;
  return `1 ${from} ${to} ${at} ${nonce} ${sealOf(secret, call).toString("base64url")}`;
}

/** The call that a header speaks of; null where it is none, or its seal is not of this secret. */
export function readNodeHeader(
  secret: Buffer,
  header: string,
  { method, path }: Pick<SealedCall, "method" | "path">,
): SealedCall | null {
  const [version, from = "", to = "", at = "", nonce = "", seal = "", ...more] = header.split(" ");
  const isWhole = version === "1" && more.length === 0 && /^\d{1,15}$/.test(at);
  if (!isWhole || !isNodeName(from) || !isNodeName(to) || !/^[\w-]{16,64}$/.test(nonce))
    return null;
  const call: SealedCall = { from, to, method, path, at: Number(at), nonce };
  const given = Buffer.from(seal, "base64url");
  const due = sealOf(secret, call);
  return given.length === due.length && timingSafeEqual(given, due) ? call : null;
}

/** As a list in JSON: no field can run into the next. */
function sealOf(secret: Buffer, { from, to, method, path, at, nonce }: SealedCall): Buffer {
  const text = JSON.stringify(["instep-node-1", from, to, method, path, at, nonce]);
  return createHmac("sha256", secret).update(text).digest();
}
