/** The tools for holding a server against the protocol: a link of frames, a mirror that is made of them, and a comparison that says what was wrong. */
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

/** The longest wait: after that nothing comes any more. */
const LONGEST_WAIT_MS = 30_000;

/** Throws with a sentence where the two differ. */
export function same(what, got, wanted) {
  if (isDeepStrictEqual(got, wanted)) return;
  throw new Error(`${what}: got ${shortly(got)}, and should have been ${shortly(wanted)}`);
}

const shortly = (value) => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
};

/** A WebSocket to the server that has said hello. */
export class Link {
  /** Told of each frame, in order; may throw. */
  heard = () => {};
  #socket;
  #waiting = [];
  #wake = () => {};
  #fault = null;

  /** Rejects where the server refuses it, or says no hello first. */
  static async open(url, { token, WebSocket }) {
    const bearer = token ? [`instep.bearer.${Buffer.from(token).toString("base64url")}`] : [];
    const link = new Link(new WebSocket(url, ["instep.v1", ...bearer]));
    const hello = await link.#next(() => true, "the first frame");
    same("the first frame, and its protocol", [hello.type, hello.protocol], ["hello", 1]);
    return link;
  }

  constructor(socket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      try {
        const frame = JSON.parse(data);
        this.heard(frame);
        this.#waiting.push(frame);
      } catch (error) {
        this.#fault ??= error;
      }
      this.#wake();
    });
    const ended = (why) => () => {
      this.#fault ??= new Error(why);
      this.#wake();
    };
    socket.addEventListener("error", ended("the WebSocket was refused or broke"));
    socket.addEventListener("close", ended("the WebSocket was closed"));
  }

  send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  /** The answer to a command. */
  async propose(command, request_id = randomUUID()) {
    this.send({ type: "propose", request_id, command });
    const isAnswer = ({ type }) => type === "accepted" || type === "refused";
    const answer = await this.#next(isAnswer, "the answer to a command");
    same("the request that is answered", answer.request_id, request_id);
    return answer;
  }

  /** The next frame of that type; those before it are passed by. */
  take(type) {
    return this.#next((frame) => frame.type === type, `a frame ${type}`);
  }

  /** The next frame about that workflow. */
  takeOf(id) {
    return this.#next((frame) => frame.workflow_id === id, "an answer");
  }

  /** Resolves once it is so; asked after each frame. */
  async until(isSo, what) {
    const deadline = AbortSignal.timeout(LONGEST_WAIT_MS);
    while (!isSo()) {
      if (this.#fault) throw this.#fault;
      await new Promise((resolve) => {
        this.#wake = resolve;
        deadline.addEventListener("abort", resolve, { once: true });
      });
      if (deadline.aborted && !isSo())
        throw new Error(`${what}: did not come within ${LONGEST_WAIT_MS / 1_000} s`);
    }
    if (this.#fault) throw this.#fault;
  }

  close() {
    this.#socket.close();
  }

  async #next(fits, what) {
    let found;
    await this.until(() => {
      while (this.#waiting.length > 0 && found === undefined) {
        const frame = this.#waiting.shift();
        if (fits(frame)) found = frame;
      }
      return found !== undefined;
    }, what);
    return found;
  }
}

/** A copy of one workflow, made of frames; throws where one does not fit. */
export class Mirror {
  position = null;
  state = null;
  /** A subscription was answered whole. */
  isAnswered = false;
  #id;

  constructor(id) {
    this.#id = id;
  }

  take({ type, workflow_id, epoch, revision, base, state, patch }) {
    if (workflow_id !== this.#id) return;
    if (type === "resumed") {
      same("where a resumed is", { epoch, revision }, this.position);
      this.isAnswered = true;
    } else if (type === "snapshot") {
      Object.assign(this, { state, position: { epoch, revision }, isAnswered: true });
    } else if (type === "changed") {
      same("epoch and base of a change", { epoch, revision: base }, this.position);
      this.state = applied(this.state, patch);
      this.position = { epoch, revision };
    }
  }
}

/** `add`, `replace` and `remove` of RFC 6902. */
function applied(document, patch) {
  const holder = { "": structuredClone(document) };
  for (const { op, path, value } of patch) {
    const names = path.split("/").map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    const name = names.pop();
    const target = names.reduce((at, each) => at[each], holder);
    if (!Array.isArray(target)) {
      if (op === "remove") delete target[name];
      else target[name] = value;
    } else {
      const index = name === "-" ? target.length : Number(name);
      if (op === "add") target.splice(index, 0, value);
      else if (op === "replace") target[index] = value;
      else target.splice(index, 1);
    }
  }
  return holder[""];
}
