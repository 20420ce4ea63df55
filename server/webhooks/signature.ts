/** Signs a delivery as Standard Webhooks has it (https://www.standardwebhooks.com): the receiver knows that it is ours, and how old it is. Pure. */
import { createHmac } from "node:crypto";

const PREFIX = "whsec_";

/** The key in a secret: the bytes behind `whsec_` are base64, any other text is the key as it is. */
export function keyIn(secret: string): Buffer {
  if (!secret.startsWith(PREFIX)) return Buffer.from(secret, "utf8");
  return Buffer.from(secret.slice(PREFIX.length), "base64");
}

/** The fault of a secret; null where nothing is. It never says the secret. */
export function secretProblem(secret: string): string | null {
  if (secret.startsWith(PREFIX) && !/^[A-Za-z0-9+/]+={0,2}$/.test(secret.slice(PREFIX.length)))
    return "must have base64 behind whsec_";
  return keyIn(secret).length < 16 ? "must have at least 16 bytes" : null;
}

/** The three headers of a signed delivery; without a secret those two that need none. `at` is ms since the Unix epoch. */
export function signatureHeaders(
  { id, at, body }: { readonly id: string; readonly at: number; readonly body: string },
  secret: string | null,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000));
  const named = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (secret === null) return named;
  const mac = createHmac("sha256", keyIn(secret)).update(`${id}.${timestamp}.${body}`);
  return { ...named, "webhook-signature": `v1,${mac.digest("base64")}` };
}
