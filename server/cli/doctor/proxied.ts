/** Judges what came through a proxy: REST, the page with its script, the socket, events. Pure. */
import * as z from "zod";
import { printable } from "../../../shared/text/printable.js";
import { type Finding, fine, warning, wrong } from "./finding.js";
import type { Answer, Heard } from "./network.js";
import { saidBy } from "./saidBy.js";

const GUIDE = 'docs/operating.md, "Behind a proxy", and examples/proxies';

/** `heard`: the answer to a read of the list. */
export function judgeRest(heard: Heard, url: string): Finding {
  const check = "url: REST";
  if ("why" in heard)
    return wrong(
      check,
      `${url} does not answer: ${shown(heard.why)}.`,
      "Mend the address, or let the server and its proxy run.",
    );
  const said = saidBy(heard);
  if (said.kind === "instep") return fine(check, `An Instep answers at ${url}.`);
  if (said.kind === "refused") {
    const { status, detail } = said;
    const text = `The Instep at ${url} refuses (${status}): ${shown(detail)}`;
    if (status === 401) return wrong(check, text, "Give a token that it knows with INSTEP_TOKEN.");
    return wrong(check, text, "Do what it says.");
  }
  const { location } = heard.headers;
  if (heard.status >= 300 && heard.status < 400 && location)
    return wrong(
      check,
      `${url} leads elsewhere, to ${shown(location)}.`,
      "Name that address, or let the proxy pass on all calls: a sign-in in front cannot be followed.",
    );
  return wrong(
    check,
    `What answers at ${url} (${heard.status}) is no Instep.`,
    `Let the proxy pass on everything below that address, with its prefix or with X-Forwarded-Prefix (${GUIDE}).`,
  );
}

/** The address of the page's script, as a browser finds it; null where it is no page of Instep. */
export function scriptOf({ status, text }: Pick<Answer, "status" | "text">, url: URL): URL | null {
  const [, script] = /<script[^>]*\bsrc="([^"]+)"/.exec(text) ?? [];
  if (status !== 200 || script === undefined || !text.includes("<title>Instep")) return null;
  const [, base = ""] = /<base[^>]*\bhref="([^"]*)"/.exec(text) ?? [];
  const place = URL.canParse(base, url) ? new URL(base, url) : url;
  return URL.canParse(script, place) ? new URL(script, place) : null;
}

/** `script`: where the page looks for it, and what came from there; null where there was no page. */
export function judgePage(page: Heard, script: { url: URL; heard: Heard } | null): Finding {
  const check = "url: page";
  if (script === null) {
    const why =
      "why" in page ? shown(page.why) : `the answer (${page.status}) is no page of Instep`;
    return wrong(
      check,
      `The page does not come: ${why}.`,
      `Let the proxy pass on everything below that address (${GUIDE}).`,
    );
  }
  const { url, heard } = script;
  if (
    !("why" in heard) &&
    heard.status === 200 &&
    /javascript/.test(heard.headers["content-type"] ?? "")
  )
    return fine(check, `The page comes, and its script ${url.pathname} is found.`);
  const why =
    "why" in heard
      ? shown(heard.why)
      : `the answer is ${heard.status}, ${shown(heard.headers["content-type"] ?? "of no type")}`;
  return wrong(
    check,
    `The page comes, but not its script ${url.pathname}: ${why}.`,
    `Let the proxy send X-Forwarded-Prefix and name it with --trust-proxy, or keep the prefix and start with --base-path (${GUIDE}).`,
  );
}

const Came = z.object({
  peer: z.string().nullable(),
  trusted: z.boolean(),
  client: z.string().nullable(),
  forwarded: z.record(z.string(), z.string()),
});

/** `heard`: how the server says that a request of ours came in. */
export function judgeHeaders(heard: Heard): Finding {
  const check = "url: headers";
  if ("why" in heard) return warning(check, `It is not told: ${shown(heard.why)}.`, "Try again.");
  if (heard.status === 403 || heard.status === 401)
    return fine(
      check,
      "Which headers arrive is told to whoever may drive, and this token may not.",
    );
  const { data } = Came.safeParse(jsonOf(heard.text));
  if (heard.status !== 200 || !data)
    return fine(check, "This server cannot tell which headers arrive: it is of an older version.");
  const { peer, trusted, client, forwarded } = data;
  const came = Object.entries(forwarded).map(([name, text]) => `${spelled(name)}: ${shown(text)}`);
  if (came.length === 0)
    return fine(
      check,
      `No X-Forwarded-* or Forwarded arrives, from ${peer}: it is asked directly, or its proxy says nothing of who asks.`,
    );
  const names = came.join(", ");
  if (trusted)
    return fine(check, `${names} count, from ${peer}; the client is taken for ${client}.`);
  const proxy = /^(?:127\.|::1$|::ffff:127\.)/.test(peer ?? "") ? "loopback" : peer;
  return warning(
    check,
    `${names} arrive, from ${peer}, and are ignored: that is no trusted proxy.`,
    `If it is yours, start the server with --trust-proxy ${proxy} (${GUIDE}).`,
  );
}

const spelled = (name: string): string =>
  name === "forwarded" ? "Forwarded" : `X-Forwarded-${name[0]?.toUpperCase()}${name.slice(1)}`;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `heard`: the first frame of a socket that came from a page of that address. */
export function judgeSocket(heard: { frame: string } | { why: string }): Finding {
  const check = "url: socket";
  if ("frame" in heard && /"type":"hello"/.test(heard.frame))
    return fine(check, "WebSocket works: the hello of the server came.");
  const why = "why" in heard ? shown(heard.why) : "the first frame is no hello";
  return wrong(
    check,
    `WebSocket does not work: ${why}. The page asks every 2 s instead.`,
    `Let the proxy pass on upgrades (nginx: proxy_http_version 1.1, Upgrade and Connection) and the Host that was asked for (${GUIDE}).`,
  );
}

/** `heard`: events, up to the first one. */
export function judgeEvents(heard: Heard): Finding {
  const check = "url: events";
  if (!("why" in heard) && heard.status === 200 && heard.text.includes("event:"))
    return fine(check, "Server-sent events come at once.");
  if (!("why" in heard) && heard.status !== 200)
    return wrong(
      check,
      `Server-sent events are refused (${heard.status}).`,
      "See what REST says above.",
    );
  const why = "why" in heard ? shown(heard.why) : "the first one is kept back";
  return warning(
    check,
    `Server-sent events do not come: ${why}. Followed output over REST is late, too.`,
    `Let the proxy buffer nothing (nginx: proxy_buffering off) (${GUIDE}).`,
  );
}

const shown = (text: string): string => printable(text, 400).replace(/\.$/, "");
