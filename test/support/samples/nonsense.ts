/** Requests, frames and states as nobody would send them on purpose: half right, so that they come far. */
import type { Chance } from "../chance.js";

export interface Nonsense {
  /** JSON text, mostly; some of it is none. */
  jsonText(depth?: number): string;
  /** What may stand in JSON. */
  value(depth?: number): unknown;
  /** A state that is mostly one. */
  state(id: string): Record<string, unknown>;
  /** Another one, some of it as before. */
  changed(value: unknown, depth?: number): unknown;
  /** A whole HTTP/1.1 request. */
  request(host: string): { readonly text: Buffer; readonly isCut: boolean };
  frame(): string | Buffer;
}

const KEYS = [
  ..."a b steps status action data index attempt attempts workflow_id title tasks".split(" "),
  ..."current_step start_time block_info fields pattern driver secrets inputs log_bytes".split(" "),
  ..."__proto__ constructor prototype toString hasOwnProperty length 0 -1 a/b a~b ~0 ~1".split(" "),
  ...["", " ", "\0", "😀", "\ud800", "k".repeat(300), "é", "é", "\u2028"],
];
const WORDS = [
  ..."running completed failed cancelled blocked interrupted pending in_progress skipped".split(
    " ",
  ),
  ..."true null NaN 1e400 2026-01-01T00:00:00Z 2026-13-45 ../../etc/passwd <script> $& %s".split(
    " ",
  ),
  ...["", "\0", "\ud83d", "x".repeat(2_000), "[instep: 5 bytes left out]\n", "\u001b[31m"],
];
const NUMBERS = [0, -0, 1, -1, 0.1, 1e21, 2 ** 53, -(2 ** 53), 1e-7, 255, 1_000, 1_001, 1e308];
const RAW = ["1e400", "-0", "9007199254740993", "0.1e-400", "{", "[1,", '"\\ud800"', "NaN", "01"];
const METHODS = "GET GET GET POST POST POST PATCH PATCH DELETE HEAD OPTIONS PUT TRACE FOO".split(
  " ",
);
const PATHS = [
  ..."/workflow/state /workflow/state/summary /workflow/clear /workflow/definitions".split(" "),
  ..."/workflow/state /workflow/start /workflow/stop /workflow/answer".split(" "),
  ..."/workflow/resume /workflow/retry".split(" "),
  ..."/workflows /workflow/live /healthz /readyz / /start /w/x /assets/x.js".split(" "),
];
const INDEXES = "0 1 2 999 1000 -1 1e0 0x1 00 9007199254740993 %30 %00 a . %2e%2e".split(" ");
export const IDS = Array.from({ length: 8 }, (_, i) => `fuzz-${i}`);
const CALLS = [
  ...["POST /workflow/state", "POST /workflow/state", "PATCH /workflow/state"],
  ...["PATCH /workflow/state/steps/0", "POST /workflow/state/steps/0/log"],
  ...["GET /workflow/state/steps/0/log", "GET /workflow/state", "DELETE /workflow/state"],
  ...["POST /workflow/stop", "POST /workflow/answer"],
  ...["POST /workflow/resume", "POST /workflow/retry"],
];
const QUERIES = [
  ...["wait=1ms", "wait=x", "limit=0", "limit=5", "before=x", "status=running", "x=1", "from=1"],
  ...["tail=5", "attempt=1", "attempt=99", "follow=0", "at=0", "workflow_id[]=a", "epoch=e", "%"],
];
const HEADERS = [
  ...['If-Match: "e.1"', "If-Match: *", "If-Match: x", 'If-None-Match: "none"', "If-None-Match: *"],
  ...["Idempotency-Key: a", "Idempotency-Key: \x01", "Instep-Token: 1", "Instep-Token: x"],
  ...[
    "Range: bytes=0-",
    "Range: bytes=9-1",
    "Range: bytes=-5",
    "Range: lines=1",
    "Expect: 100-continue",
  ],
  ...["Authorization: Bearer x", "Origin: http://evil.example", "Origin: null", "Accept: */*"],
  ...["Content-Encoding: gzip", "Sec-Fetch-Site: cross-site", "X: \xff", "Cookie: a=b; c"],
];
const TYPES = [
  ...[
    "application/json",
    "application/json",
    "application/json",
    "application/json; charset=utf-16",
  ],
  ...[
    "text/plain",
    "application/octet-stream",
    "multipart/form-data",
    "application/problem+json",
    "x",
  ],
];
const KINDS = "save step clear claim release start stop resume retry nonsense".split(" ");

export function nonsense({ below, pick }: Chance): Nonsense {
  const oneIn = (count: number) => below(count) === 0;

  const value = (depth = 4): unknown => {
    const most = depth > 0 ? 8 : 5;
    switch (below(most)) {
      case 0:
        return pick(WORDS);
      case 1:
        return pick(NUMBERS);
      case 2:
        return oneIn(2);
      case 3:
        return null;
      case 4:
        return pick(IDS);
      case 5:
        return Array.from({ length: below(oneIn(10) ? 200 : 5) }, () => value(depth - 1));
      default:
        return object(depth);
    }
  };

  const object = (depth: number): Record<string, unknown> =>
    Object.fromEntries(
      Array.from({ length: below(oneIn(20) ? 100 : 6) }, () => [
        oneIn(8) ? `k${below(1e6)}` : pick(KEYS),
        value(depth - 1),
      ]),
    );

  const jsonText = (depth = 4): string => {
    if (oneIn(30)) return pick(RAW);
    if (oneIn(40)) return `${'{"a":'.repeat(below(100))}1${"}".repeat(below(100))}`;
    const text = JSON.stringify(value(depth));
    return oneIn(15) ? text.slice(0, below(text.length)) : text;
  };

  const step = (): Record<string, unknown> => ({
    action: oneIn(30) ? value(1) : `step ${below(5)}`,
    ...(oneIn(2) ? { status: oneIn(10) ? value(0) : pick(WORDS.slice(0, 9)) } : {}),
    ...(oneIn(3) ? { data: value(3), message: oneIn(5) ? value(1) : "m" } : {}),
    ...(oneIn(20) ? object(1) : {}),
  });

  const state = (id: string): Record<string, unknown> => ({
    workflow_id: id,
    ...(oneIn(20) ? { workflow_id: value(1) } : {}),
    ...(oneIn(15) ? { status: value(0) } : oneIn(10) ? { status: "completed" } : {}),
    steps: Array.from({ length: below(oneIn(20) ? 300 : 6) }, step),
    ...(oneIn(2) ? { free: value(5) } : {}),
    ...(oneIn(10) ? object(3) : {}),
  });

  const changed = (before: unknown, depth = 5): unknown => {
    if (depth === 0 || oneIn(12)) return value(2);
    if (Array.isArray(before)) {
      const after = before.map((one) => (oneIn(4) ? changed(one, depth - 1) : one));
      if (oneIn(3))
        after.splice(
          below(after.length + 1),
          0,
          ...Array.from({ length: below(4) }, () => value(2)),
        );
      if (oneIn(3)) after.splice(below(after.length + 1), below(4));
      if (oneIn(6)) after.reverse();
      return after;
    }
    if (typeof before !== "object" || before === null) return oneIn(2) ? value(1) : before;
    const entries = Object.entries(before)
      .filter(() => !oneIn(8))
      .map(([key, one]) => [
        oneIn(15) ? pick(KEYS) : key,
        oneIn(3) ? changed(one, depth - 1) : one,
      ]);
    return Object.fromEntries(oneIn(3) ? [...entries, [pick(KEYS), value(2)]] : entries);
  };

  const path = (): string => {
    if (oneIn(20))
      return `/${Array.from({ length: below(30) }, () => pick([..."/.%?#a0:*~"])).join("")}`;
    const index = oneIn(2) ? "0" : pick(INDEXES);
    const base = oneIn(2) ? `/workflow/state/steps/${index}${oneIn(2) ? "/log" : ""}` : pick(PATHS);
    const query = Array.from({ length: below(3) }, () => pick(QUERIES));
    if (!oneIn(4))
      query.push(
        `workflow_id=${oneIn(10) ? encodeURIComponent(pick(KEYS.filter(isWhole))) : pick(IDS)}`,
      );
    return query.length === 0 ? base : `${base}?${query.join("&")}`;
  };

  const body = (target: string): Buffer => {
    if (oneIn(20)) return Buffer.from(Array.from({ length: below(60) }, () => below(256)));
    if (oneIn(4)) return Buffer.from(jsonText());
    if (target.includes("/steps/")) return Buffer.from(JSON.stringify(step()));
    const id = new URLSearchParams(target.split("?")[1]).get("workflow_id");
    return Buffer.from(JSON.stringify(state(id ?? pick(IDS))));
  };

  const request = (host: string) => {
    // Half of them are sent where something of the kind is expected.
    const [method, target] = oneIn(2)
      ? [pick(METHODS), path()]
      : (`${pick(CALLS)}?workflow_id=${pick(IDS)}`.split(" ") as [string, string]);
    const content = method === "GET" && !oneIn(10) ? Buffer.alloc(0) : body(target);
    const lines = [`${method} ${target} HTTP/1.${oneIn(50) ? below(9) : 1}`];
    if (!oneIn(50)) lines.push(`Host: ${oneIn(50) ? "evil.example" : host}`);
    for (let i = oneIn(3) ? below(4) : 0; i > 0; i--) lines.push(pick(HEADERS));
    if (content.length > 0)
      lines.push(`Content-Type: ${oneIn(4) ? pick(TYPES) : rightType(target)}`);
    const isCut = oneIn(20);
    const length = isCut ? content.length + below(50) + 1 : content.length;
    const isChunked = content.length > 0 && !isCut && oneIn(10);
    if (isChunked) lines.push("Transfer-Encoding: chunked");
    else if (length > 0 || method !== "GET")
      lines.push(`Content-Length: ${oneIn(100) ? "-1" : length}`);
    if (oneIn(15))
      lines.push("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x");
    lines.push("Connection: close", "", "");
    const size = Buffer.from(`${content.length.toString(16)}\r\n`);
    const sent = isChunked ? [size, content, Buffer.from("\r\n0\r\n\r\n")] : [content];
    return { text: Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), ...sent]), isCut };
  };

  const command = (): unknown => {
    if (oneIn(6)) return value();
    const kind = pick(KINDS);
    const id = { workflow_id: oneIn(15) ? value(0) : pick(IDS) };
    const more = { state: state(pick(IDS)), merge: oneIn(2), index: below(3), update: step() };
    const rest = { driver: "d", name: "n", answer: object(1), from: value(0) };
    const fields = Object.entries({ ...more, ...rest }).filter(() => oneIn(2));
    return { kind, ...id, ...Object.fromEntries(fields), ...(oneIn(30) ? object(1) : {}) };
  };

  const frame = (): string | Buffer => {
    if (oneIn(60)) return Buffer.from([below(256), below(256)]);
    if (oneIn(10)) return jsonText();
    const id = { workflow_id: oneIn(10) ? value(0) : pick([...IDS, "current", "*"]) };
    const last = oneIn(2) ? { last: oneIn(2) ? null : { epoch: "e", revision: below(9) } } : {};
    const output = {
      step: oneIn(10) ? value(0) : below(3),
      ...(oneIn(2) ? { tail: below(99) } : {}),
    };
    const all = [
      { type: "subscribe", ...id, ...last },
      { type: "unsubscribe", ...id },
      { type: "follow_log", ...id, ...output },
      { type: "unfollow_log", ...id, step: 0 },
      { type: "ping" },
      ...Array.from({ length: 6 }, () => ({
        type: "propose",
        request_id: oneIn(20) ? value(0) : `r${below(1e9)}`,
        command: command(),
        ...(oneIn(8) ? { token: below(3) } : {}),
        ...(oneIn(8) ? { expected_revision: below(5) } : {}),
      })),
    ];
    const text = JSON.stringify({ ...pick(all), ...(oneIn(40) ? object(1) : {}) });
    return oneIn(40) ? text.slice(0, below(text.length)) : text;
  };

  return { jsonText, value, state, changed, request, frame };
}

const rightType = (path: string): string =>
  path.includes("/log") ? "text/plain" : "application/json";

/** No half of a pair: those cannot be written into an address. */
const isWhole = (text: string): boolean => !/[\ud800-\udfff]/.test(text.replaceAll("😀", ""));
