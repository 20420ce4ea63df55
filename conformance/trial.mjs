/** One check of a server: a workflow of its own, the calls and the links that are about it, and their end. */
import { randomUUID } from "node:crypto";
import { Link, Mirror, same } from "./talk.mjs";

/** Of every workflow that is saved. */
export const STEPS = [{ action: "build" }, { action: "ship" }];
/** The path of a state. */
export const STATE = "/workflow/state";

/** Ended by `end`, which closes its links and clears its workflow. */
export class Trial {
  id = `conformance-${randomUUID()}`;
  #url;
  #with;
  #links = [];

  constructor(url, given) {
    this.#url = url;
    this.#with = given;
  }

  async call(method, path, { body, headers = {}, query = {}, ...more } = {}) {
    const asked = new URLSearchParams(query).toString();
    const json =
      body === undefined || typeof body === "string" ? {} : { "Content-Type": "application/json" };
    const { token, fetch } = this.#with;
    const response = await fetch(`${this.#url}${path}${asked && `?${asked}`}`, {
      method,
      headers: { ...json, ...(token && { Authorization: `Bearer ${token}` }), ...headers },
      body: typeof body === "string" || body === undefined ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
      ...more,
    });
    const { status, headers: told } = response;
    if (more.isStream) return { status, headers: told, stream: response.body };
    const text = await response.text();
    const isJson = told.get("content-type")?.includes("json") && text !== "";
    return { status, headers: told, text, body: isJson ? JSON.parse(text) : null };
  }

  get = async (path = STATE, more = {}) =>
    this.call("GET", path, { ...more, query: { workflow_id: this.id, ...more.query } });

  /** The position after it. */
  async save(more = {}) {
    const { status, body } = await this.call("POST", STATE, {
      body: { workflow_id: this.id, steps: STEPS, ...more },
    });
    same("the status of a save", status, 200);
    return { epoch: body.epoch, revision: body.revision };
  }

  async patch(part, headers = {}) {
    return this.call("PATCH", STATE, { body: part, headers, query: { workflow_id: this.id } });
  }

  async link() {
    const link = await Link.open(`${this.#url.replace(/^http/, "ws")}/workflow/live`, this.#with);
    this.#links.push(link);
    return link;
  }

  /** A link that follows the workflow, and its mirror, after the answer. */
  async follow(last = null) {
    const link = await this.link();
    const mirror = new Mirror(this.id);
    link.heard = (frame) => mirror.take(frame);
    if (last) mirror.position = last;
    link.send({ type: "subscribe", workflow_id: this.id, last });
    return { link, mirror };
  }

  /** Waits until the mirror is where the workflow is, and holds both states against each other. */
  async agree({ link, mirror }) {
    const { body } = await this.get();
    await link.until(
      () =>
        mirror.position?.epoch === body.epoch &&
        mirror.position.revision >= body.revision &&
        mirror.isAnswered,
      "the changes to come",
    );
    same("the state that the frames make", mirror.state, body.state);
  }

  async end() {
    for (const link of this.#links) link.close();
    await this.call("DELETE", STATE, { query: { workflow_id: this.id } }).catch(() => {});
  }
}
