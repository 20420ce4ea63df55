/** Asks servers for `instep doctor`: each question has a deadline, follows no redirect, and leaves no connection behind. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { createServer } from "node:net";
import type { Clock } from "../../../shared/clock.js";
import type { StoreTls } from "../../cluster/clusterOptions.js";
import { certificateFault } from "../../machine/certificateFault.js";
import { errorCode } from "../../machine/systemErrors.js";

/** The longest that one question takes. */
export const DEADLINE_MS = 5_000;
const MOST_BYTES = 2 ** 20;

/** An answer over HTTP, with the moments of our clock around it. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As much of it as came until it was enough. */
  readonly text: string;
  /** False where the deadline came first. */
  readonly isEnough: boolean;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** The outcome of a question: an answer, or why there is none, as the end of a sentence. */
export type Heard = Answer | { readonly why: string };

/** Whether and by whom an address of this machine can be listened to: the system's code where it cannot. */
export type PortSeen = { readonly code: string | null };

/** The network as an argument. None of its calls rejects. */
export interface Network {
  /** `isEnough` is asked after each piece of the body. */
  get(
    url: URL,
    headers: Readonly<Record<string, string>>,
    isEnough?: (text: string) => boolean,
    tls?: StoreTls,
  ): Promise<Heard>;
  /** The first frame of a socket. */
  socket(url: URL, token: string | undefined): Promise<{ frame: string } | { why: string }>;
  /** Listens for a moment. */
  listen(port: number, host: string): Promise<PortSeen>;
}

/** That of this machine. */
export const nodeNetwork = (clock: Clock): Network => ({
  get: async (url, headers, isEnough = () => false, tls = {}) => {
    const secure = url.protocol === "https:";
    const { request } = secure ? await import("node:https") : await import("node:http");
    const ending = new AbortController();
    const askedAt = clock.now();
    return new Promise((resolve) => {
      const done = (heard: Heard) => {
        stop();
        resolve(heard);
        ending.abort();
      };
      let answer: IncomingMessage | null = null;
      let answeredAt = askedAt;
      let text = "";
      const told = (enough: boolean): Answer => {
        const { statusCode: status = 0, headers: said } = answer!;
        return { status, headers: said, text, isEnough: enough, askedAt, answeredAt };
      };
      const stop = clock.after(DEADLINE_MS, () =>
        done(answer === null ? { why: LATE } : told(false)),
      );
      const asked = request(
        url,
        { ...tls, headers, signal: ending.signal, agent: false },
        (given) => {
          answer = given;
          answeredAt = clock.now();
          given.setEncoding("utf8");
          given.on("data", (piece: string) => {
            text += piece;
            if (isEnough(text) || text.length > MOST_BYTES) done(told(true));
          });
          given.on("end", () => done(told(true)));
          given.on("error", (error) => done({ why: whyNot(error) }));
        },
      );
      asked.on("error", (error) => done({ why: whyNot(error) }));
      asked.end();
    });
  },

  socket: async (url, token) => {
    const { WebSocket } = await import("ws");
    const address = new URL(url);
    address.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return new Promise((resolve) => {
      const socket = new WebSocket(address, ["instep.v1"], {
        // As a page of that very address would come.
        origin: url.origin,
        ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
      });
      const done = (heard: { frame: string } | { why: string }) => {
        stop();
        resolve(heard);
        socket.terminate();
      };
      const stop = clock.after(DEADLINE_MS, () => done({ why: LATE }));
      socket.on("message", (frame) => done({ frame: String(frame) }));
      socket.on("unexpected-response", (_, given) =>
        done({ why: `the upgrade was answered with ${given.statusCode}` }),
      );
      socket.on("close", (code) => done({ why: `it was closed with ${code}` }));
      socket.on("error", (error) => done({ why: whyNot(error) }));
    });
  },

  listen: (port, host) =>
    new Promise((resolve) => {
      const server = createServer();
      server.on("error", (error) => resolve({ code: errorCode(error) ?? "EUNKNOWN" }));
      server.listen({ port, host, exclusive: true }, () =>
        server.close(() => resolve({ code: null })),
      );
    }),
});

const LATE = `nothing came within ${DEADLINE_MS / 1_000} s`;

function whyNot(error: Error): string {
  const fault = certificateFault(error);
  if (fault !== null) return `its certificate ${fault}`;
  const code = errorCode(error);
  if (code === "ECONNREFUSED") return "nobody listens there (ECONNREFUSED)";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the name is not known (${code})`;
  return code === undefined ? error.message : `${error.message || "it failed"} (${code})`;
}
