/** Reads the header `Forwarded` (RFC 7239) to the letter. Pure. */
import { invalid } from "../../../shared/errors.js";

/** One element: the word of one proxy. Names that nobody here asks for are left out. */
export interface Hop {
  readonly for?: string;
  readonly host?: string;
  readonly proto?: string;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** Beside a token: a colon and brackets, as many proxies write a port and IPv6 without the quotes that they need. */
const PLAIN = "[!#$%&'*+.^_`|~0-9A-Za-z:[\\]-]+";
const QUOTED = '"((?:[\\t !\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t\\x20-\\x7e])*)"';
const PAIR = `(${TOKEN})=(?:${QUOTED}|(${PLAIN}))`;
/** A pair or nothing, and what stands behind it. */
const NEXT = new RegExp(`[ \\t]*(?:${PAIR})?[ \\t]*([;,]|$)`, "y");
const FORM = 'must be as RFC 7239 has it: for=192.0.2.1;host="runs.example.com:8443";proto=https';

/** In the order of the header: the last one is of the nearest proxy. Throws SyncError `bad_message`, naming the header, where it is none. */
export function readForwarded(text: string): readonly Hop[] {
  const hops: Hop[] = [];
  let pairs = new Map<string, string>();
  NEXT.lastIndex = 0;
  for (;;) {
    const [, name, quoted, plain, end] = NEXT.exec(text) ?? [];
    if (end === undefined) throw invalid("Forwarded", FORM);
    if (name !== undefined) {
      const key = name.toLowerCase();
      if (pairs.has(key)) throw invalid("Forwarded", `must have one \`${key}\` in an element`);
      pairs.set(key, plain ?? (quoted ?? "").replaceAll(/\\(.)/g, "$1"));
    }
    if (end === ";") continue;
    // An empty element counts as none (RFC 9110, section 5.6.1).
    if (pairs.size > 0) hops.push(hopOf(pairs));
    if (end === "") return hops;
    pairs = new Map();
  }
}

function hopOf(pairs: ReadonlyMap<string, string>): Hop {
  const said = ["for", "host", "proto"] as const;
  return Object.fromEntries(
    said.flatMap((name) => (pairs.has(name) ? [[name, pairs.get(name)]] : [])),
  );
}
