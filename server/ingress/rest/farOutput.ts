/** The calls for output that another node of the cluster keeps: sent on to that node, and its answer passed on as it comes. */
import type { Request, Response } from "express";
import { SyncError } from "../../../shared/errors.js";
import { LOG_HEADERS, TOKEN_HEADER } from "../../../shared/wire/rest.js";
import { type PeerAnswer, PeerAway, type PeerRequest, type Peers } from "../../cluster/cluster.js";
import type { OutputHomes } from "../../output/homes.js";
import type { OutputSource } from "../../output/outputSource.js";
import type { OutputName } from "../../output/outputStore.js";
import type { SharedOutputs } from "../../output/shared/sharedOutputs.js";
import type { LiveRecord } from "../../state/store/record.js";
import type { Access } from "../access/access.js";
import { passOn, textIn } from "../answer/passedOn.js";
import { queryOf } from "../request/query.js";

export interface FarOutputParts {
  readonly homes: OutputHomes;
  readonly peers: Pick<Peers, "call">;
  /** The folder that all nodes keep their output in; null where each has its own. */
  readonly shared: Pick<SharedOutputs, "open"> | null;
  /** Resolves once some ms are over. */
  readonly pause: (ms: number) => Promise<void>;
}

/** The headers of an answer that say something of the output. */
const PASSED: readonly string[] = [
  ...["content-type", "content-length", "content-range", "accept-ranges", "cache-control"],
  ...["vary", "retry-after", "x-accel-buffering"],
  ...Object.values(LOG_HEADERS).map((name) => name.toLowerCase()),
];
/** An answer that is packed could not be passed on as it is by every way between nodes. */
const ASKED = { "Accept-Encoding": "identity" };
/** The refusals of a node whose copy of the records is a moment behind ours. */
const BEHIND: ReadonlySet<string> = new Set(["unknown_workflow", "unknown_step", "stale_driver"]);
const PAUSES_MS = [25, 50, 100, 200, 400, 800];

export class FarOutput {
  readonly #parts: FarOutputParts;

  constructor(parts: FarOutputParts) {
    this.#parts = parts;
  }

  /** The node that is to be asked; null where the output is here, and where a node asks us already. */
  homeOf(access: Access, record: LiveRecord, step: number, attempt: number): string | null {
    if (access.node !== undefined) return null;
    return this.#parts.homes.elsewhere(record, step, attempt);
  }

  /** Answers a read, below `log` or `log/times`. Throws SyncError `unavailable` where the node is away. */
  async read(
    home: string,
    output: OutputName,
    call: "log" | "log/times",
    request: Request,
    response: Response,
  ): Promise<void> {
    const { workflow_id, epoch, step, attempt } = output;
    const query = { ...queryOf(request), workflow_id, epoch, attempt: String(attempt) };
    const asked: PeerRequest = {
      method: request.method === "HEAD" ? "HEAD" : "GET",
      path: pathOf(step, call, query),
      headers: { ...ASKED, ...sentBy(request, "Range", "If-Range", "Accept") },
    };
    await this.#pass(home, asked, response, (since) => awaySentence(home, since));
  }

  /** The same without its node, from the folder that all share; null where it is not there. */
  async shared(
    home: string,
    record: LiveRecord,
    { step, attempt }: OutputName,
  ): Promise<OutputSource | null> {
    return (await this.#parts.shared?.open(home, record, step, attempt)) ?? null;
  }

  /** Answers an append. Throws SyncError `unavailable` where the node is away: then nothing was kept, or it is not known. */
  async append(
    home: string,
    { workflow_id, step, attempt }: OutputName,
    at: number | undefined,
    bytes: Uint8Array,
    request: Request,
    response: Response,
  ): Promise<void> {
    const query = {
      ...{ workflow_id, attempt: String(attempt) },
      ...(at === undefined ? {} : { at: String(at) }),
    };
    const asked: PeerRequest = {
      method: "POST",
      path: pathOf(step, "log", query),
      headers: {
        ...ASKED,
        ...sentBy(request, TOKEN_HEADER, "Accept"),
        "Content-Type": "application/octet-stream",
      },
      body: bytes,
    };
    await this.#pass(
      home,
      asked,
      response,
      (since) => `the output of this attempt is kept on node ${home}, ${away(since, "which is ")}`,
    );
  }

  async #pass(
    home: string,
    asked: PeerRequest,
    response: Response,
    words: (since: string | null) => string,
  ): Promise<void> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    response.once("close", leave);
    try {
      const answer = await this.#ask(home, { ...asked, signal: gone.signal }, words);
      await passOn(answer, PASSED, response, gone.signal);
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      response.off("close", leave);
    }
  }

  /** Asks again where the node does not know yet what this one knows. */
  async #ask(
    home: string,
    asked: PeerRequest,
    words: (since: string | null) => string,
  ): Promise<PeerAnswer> {
    const { homes, peers, pause } = this.#parts;
    const refused = (since: string | null) =>
      new SyncError("unavailable", words(since), { retryAfter: 2 });
    if (!homes.isThere(home)) throw refused(homes.awaySince(home));
    for (let round = 0; ; round++) {
      const answer = await peers.call(home, asked).catch((error: unknown) => {
        throw error instanceof PeerAway ? refused(error.since) : error;
      });
      // Our own caller has shown who he is: it is this server that is not let in.
      if (answer.status === 401) throw refusedBy(home, await textIn(answer));
      const wait = PAUSES_MS[round];
      if (answer.status !== 404 && answer.status !== 409) return answer;
      if (wait === undefined || asked.method === "HEAD") return answer;
      const text = await textIn(answer);
      if (!BEHIND.has(codeIn(text))) return { ...answer, body: once(text) };
      await pause(wait);
      asked.signal?.throwIfAborted();
    }
  }
}

/** The sentence for whoever wants to read output of a node that is away. */
export const awaySentence = (node: string, since: string | null): string =>
  `output is on node ${node}, ${away(since)}`;

const away = (since: string | null, which = ""): string =>
  since === null ? "which does not answer" : `${which}away since ${since}`;

const pathOf = (step: number, call: string, query: Readonly<Record<string, string>>): string =>
  `/workflow/state/steps/${step}/${call}?${new URLSearchParams(query)}`;

function sentBy(request: Request, ...names: readonly string[]): Record<string, string> {
  const sent = names.flatMap((name) => {
    const value = request.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(sent);
}

const codeIn = (text: Uint8Array): string => String(problemIn(text).code ?? "");

function problemIn(text: Uint8Array): { readonly code?: unknown; readonly message?: unknown } {
  try {
    const problem: unknown = JSON.parse(new TextDecoder().decode(text));
    return typeof problem === "object" && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

function refusedBy(home: string, text: Uint8Array): SyncError {
  const { message } = problemIn(text);
  const why = typeof message === "string" ? `: ${message}` : "";
  return new SyncError(
    "unavailable",
    `output is on node ${home}, which lets this one not in${why}`,
    {
      retryAfter: 2,
    },
  );
}

async function* once(text: Uint8Array): AsyncGenerator<Uint8Array> {
  yield text;
}
