/** The base of a request: the path that leads its caller to Instep. Every link that an answer has goes below it. */
import type { IncomingMessage } from "node:http";

/** A request as hosts hand it on: with the whole address beside the part that they left in `url`. */
export interface LedRequest extends Pick<IncomingMessage, "url"> {
  originalUrl?: string | undefined;
}

const MOST_CHARACTERS = 200;
const FORM = "must be a path like /tools/instep: parts of letters, digits and -._~!$()*+,;=:@";
/** All that RFC 3986 (section 3.3) has for a part, but what means something in HTML, and what stands for another character. */
const PATH = /^(?:\/[\w.~!$()*+,;=:@-]+)+$/;
/** Browsers take such parts away before they ask. */
const DOTS = /\/\.{1,2}(?:\/|$)/;

/** `/tools/instep`, without a slash at the end; empty for the root. Throws with a predicate that says what is wrong. */
export function readBasePath(text: string): string {
  const path = text.replace(/\/$/, "");
  if (path === "") return "";
  if (path.length > MOST_CHARACTERS)
    throw new Error(`must have at most ${MOST_CHARACTERS} characters`);
  if (PATH.test(path) && !DOTS.test(path)) return path;
  throw new Error(`${FORM}, not ${JSON.stringify(text)}`);
}

/** Without a slash at the end; empty where Instep is at the root. It is the whole address of the caller without what was left of it for us. */
export function baseOf({ url = "", originalUrl = url }: LedRequest): string {
  const [whole, left] = [pathIn(originalUrl), pathIn(url)];
  const base = whole.endsWith(left) ? whole.slice(0, whole.length - left.length) : whole;
  // Two slashes in front would be the name of another host.
  return base.replace(/^\/+/, "/").replace(/\/+$/, "");
}

/** The address below `base`, with its query and a slash in front; null where it is not below it. */
export function below(base: string, address: string): string | null {
  const url = withoutOrigin(address);
  if (base === "") return url;
  if (!url.startsWith(base)) return null;
  const left = url.slice(base.length);
  if (left === "" || left.startsWith("?")) return `/${left}`;
  return left.startsWith("/") ? left : null;
}

const pathIn = (address: string): string => withoutOrigin(address).split("?", 1)[0] ?? "";

/** A call may name its host in front of the path (RFC 9112, section 3.2.2). */
const withoutOrigin = (address: string): string => address.replace(/^https?:\/\/[^/?]*/i, "");
