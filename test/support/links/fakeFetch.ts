/** A `fetch` that a test answers: from a function, or by hand for calls that are to hang. */

export interface FakeCall {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What to answer: a JSON body with its status, text or bytes that are not JSON, "unreachable", or "silence" until the call is given up. */
export type FakeAnswer =
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | "unreachable"
  | "silence";

export interface FakeFetch {
  readonly fetch: typeof globalThis.fetch;
  readonly calls: FakeCall[];
  /** May be set anew at any time. */
  answer: (call: FakeCall) => FakeAnswer;
}

export const NOTHING: FakeAnswer = { body: { success: true, active: false, state: null } };
export const UNREACHABLE = (): FakeAnswer => "unreachable";

export function fakeFetch(answer: FakeFetch["answer"] = UNREACHABLE): FakeFetch {
  const fake: FakeFetch = {
    calls: [],
    answer,
    fetch: async (input, init = {}) => {
      const url = new URL(String(input));
      const call: FakeCall = {
        method: init.method ?? "GET",
        path: url.pathname + url.search,
        headers: (init.headers ?? {}) as Record<string, string>,
        body: init.body instanceof Uint8Array ? init.body : parsed(init.body),
      };
      fake.calls.push(call);
      const given = fake.answer(call);
      if (given === "unreachable") throw new TypeError("fetch failed");
      if (given === "silence") return untilAborted(init.signal);
      const { status = 200, body, headers = {} } = given;
      const isRaw = typeof body === "string" || body instanceof Uint8Array;
      const sent = isRaw ? (body as BodyInit) : JSON.stringify(body);
      return new Response(status === 304 ? null : sent, { status, headers });
    },
  };
  return fake;
}

const parsed = (body: unknown): unknown =>
  body === undefined || body === null ? undefined : JSON.parse(String(body));

function untilAborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

/** A refusal as the REST door words it. */
export const problem = (status: number, code: string, more: object = {}): FakeAnswer => ({
  status,
  body: {
    type: `urn:instep:problem:${code}`,
    success: false,
    status,
    code,
    message: `refused: ${code}`,
    errors: [],
    ...more,
  },
});
