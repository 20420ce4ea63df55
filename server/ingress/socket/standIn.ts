/** A stand-in for an upgrade: a plain call with its path and headers, which a host routes as it routes such calls. Nothing of its answer reaches the peer. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** The headers that make an upgrade of a request or belong to the socket alone: the stand-in goes without them. */
const OF_UPGRADES = /^(upgrade|connection|sec-websocket-.*)$/i;

/** The properties of a link that a host may ask for. */
const FACTS = [
  "remoteAddress",
  "remoteFamily",
  "remotePort",
  "localAddress",
  "localPort",
  "encrypted",
  "authorized",
  "authorizationError",
  "alpnProtocol",
  "servername",
] as const;
/** The same, of TLS: where a host tells people by their certificates, it asks for these. */
const QUESTIONS = [
  "getPeerCertificate",
  "getPeerX509Certificate",
  "getCertificate",
  "getCipher",
  "getProtocol",
  "getSession",
  "isSessionReused",
] as const;

export interface StandIn {
  readonly call: IncomingMessage;
  readonly response: ServerResponse;
  /** For the host it is as if the peer had hung up. */
  end(): void;
}

/** `answered` is called, perhaps more than once, when the host answers the call itself, or hangs up. */
export function standInFor(upgrade: IncomingMessage, answered: () => void): StandIn {
  const link = new StandInLink(answered);
  Object.defineProperties(link, known(upgrade.socket));
  const call = callOf(upgrade, link);
  const response = new ServerResponse(call);
  response.assignSocket(link);
  neverSend(response, answered);
  return {
    call,
    response,
    end: () => {
      call.destroy();
      link.destroy();
    },
  };
}

/** Takes what is written, and sends it nowhere. */
class StandInLink extends Socket {
  readonly #ended: () => void;

  constructor(ended: () => void) {
    super();
    this.#ended = ended;
    // A host that hangs up with an error would otherwise end the process.
    this.on("error", () => {});
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }

  override _writev(_chunks: unknown, done: () => void): void {
    done();
  }

  override _final(done: () => void): void {
    done();
    this.#ended();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    super._destroy(error, done);
    this.#ended();
  }
}

type Link = Partial<Record<(typeof FACTS)[number] | (typeof QUESTIONS)[number], unknown>>;

function known(socket: Socket & Link): PropertyDescriptorMap {
  const facts = FACTS.filter((name) => socket[name] !== undefined);
  const questions = QUESTIONS.filter((name) => typeof socket[name] === "function");
  return Object.fromEntries([
    ...facts.map((name) => [name, { value: socket[name] }]),
    ...questions.map((name) => [name, { value: (socket[name] as () => unknown).bind(socket) }]),
  ]);
}

function callOf({ url, headers, rawHeaders: raw }: IncomingMessage, link: Socket): IncomingMessage {
  const call = new IncomingMessage(link);
  const kept = Object.entries(headers).filter(([name]) => !OF_UPGRADES.test(name));
  const rawHeaders = raw.filter((_, i) => !OF_UPGRADES.test(raw[i - (i % 2)] ?? ""));
  Object.assign(call, { method: "GET", url, headers: Object.fromEntries(kept), rawHeaders });
  Object.assign(call, { httpVersion: "1.1", httpVersionMajor: 1, httpVersionMinor: 1 });
  call.complete = true;
  call.push(null);
  return call;
}

function neverSend(response: ServerResponse, answered: () => void): void {
  const end = (...given: unknown[]) => {
    if (response.writableEnded) return response;
    Object.assign(response, { finished: true });
    process.nextTick(() => {
      response.emit("finish");
      const then = given.at(-1);
      if (typeof then === "function") then();
    });
    answered();
    return response;
  };
  const write = () => {
    answered();
    return true;
  };
  const destroy = () => {
    answered();
    return response;
  };
  Object.assign(response, { write, end, destroy, flushHeaders: answered });
}
