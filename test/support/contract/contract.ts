/** Holds what servers answer against the OpenAPI and the AsyncAPI document, in their closed form: nothing is told that they do not know. */
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { asyncApi } from "../../../server/contracts/asyncapi.js";
import { CALLS } from "../../../server/contracts/calls.js";
import { openApi } from "../../../server/contracts/openapi.js";
import { fault } from "./faults.js";

interface Validator {
  (value: unknown): boolean;
  errors?: readonly { instancePath: string; message?: string; params?: object }[] | null;
}

/** Loaded, and each schema compiled, when something of that kind comes first. */
class Document {
  readonly #make: () => object;
  readonly #ajv: Ajv | Ajv2020;
  readonly #kept = new Map<string, Validator>();
  #isAdded = false;

  constructor(ajv: Ajv | Ajv2020, make: () => object) {
    this.#ajv = ajv;
    this.#make = make;
  }

  /** Why a value does not fit the schema of that name; null where it does. */
  whyNot(name: string, value: unknown): string | null {
    const validate = this.#validator(name);
    if (validate(value)) return null;
    const [first] = validate.errors ?? [];
    return `${name}${first?.instancePath ?? ""} ${first?.message} ${JSON.stringify(first?.params)}`;
  }

  #validator(name: string): Validator {
    const known = this.#kept.get(name);
    if (known) return known;
    if (!this.#isAdded) this.#ajv.addSchema(this.#make(), "document");
    this.#isAdded = true;
    const found = this.#ajv.getSchema(`document#/components/schemas/${name}`) as Validator;
    this.#kept.set(name, found);
    return found;
  }
}

const OPTIONS = { strict: false, validateFormats: false, validateSchema: false } as const;
const told = "closed";
const rest = new Document(new Ajv2020(OPTIONS), () => openApi({ told }));
const socket = new Document(new Ajv(OPTIONS), () => asyncApi({ told }));

/** An answer of REST as it came; `text` null where it was not read. */
export interface Heard {
  readonly method: string;
  /** Below the base. */
  readonly path: string;
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly text: string | null;
}

const PATTERNS = Object.keys(CALLS).map(
  (path) => [path, new RegExp(`${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`)] as const,
);

/** The path of the document that an address means, wherever the base is; null where it has none. */
export const pathOf = (pathname: string): string | null =>
  PATTERNS.find(([, pattern]) => pattern.test(pathname))?.[0] ?? null;

/** Remembers what of an answer is not in the document. */
export function hearAnswer({ method, path, status, header, text }: Heard): void {
  const what = `${method} ${path} answered ${status}`;
  const type = header("content-type")?.split(";")[0] ?? null;
  const isProblem = type === "application/problem+json";
  const json =
    text !== null && text !== "" && type?.endsWith("json") ? JSON.parse(text) : undefined;
  if (isProblem && json !== undefined) {
    const why = rest.whyNot("Problem", json);
    if (why !== null) fault(`${what}: ${why}`);
  }
  if (method === "OPTIONS" || status === 405) {
    if (status < 400 && status !== 204) fault(`${what}, and OPTIONS is 204`);
    if ((status === 204 || status === 405) && header("allow") === null)
      fault(`${what} without Allow`);
    return;
  }
  const call = CALLS[path]?.[(method === "HEAD" ? "get" : method.toLowerCase()) as "get"];
  if (!call) return fault(`${what}, and the document has no such call`);
  const one = call.told[status];
  // A page that a person loads is refused as a page.
  if (isProblem || !one) {
    if (type === "text/html") return;
    if (!isProblem) return fault(`${what} (${type}), and the document has no such answer`);
    if (json !== undefined && !call.refused.includes(json.code))
      fault(`${what} with ${json.code}, and the document has no such refusal`);
    return;
  }
  for (const name of one.headers ?? [])
    if (!name.endsWith("?") && header(name) === null) fault(`${what} without ${name}`);
  if (json !== undefined && one.schema !== null) {
    const why = rest.whyNot(one.schema, json);
    if (why !== null) fault(`${what}: ${why}: ${text?.slice(0, 600)}`);
  } else if (json !== undefined && !one.content?.includes(type ?? "")) {
    fault(`${what} with ${type}, and the document has no such body`);
  }
}

/** Remembers what of a frame of the server is not in the document. */
export function hearFrame(frame: { readonly type: string }): void {
  const why = socket.whyNot(frame.type, frame);
  if (why !== null) fault(`a frame came: ${why}: ${JSON.stringify(frame).slice(0, 600)}`);
}

/** Why a frame that is sent is none that the document has; null where it is one. */
export function whyNoFrame(frame: { readonly [key: string]: unknown }): string | null {
  return CLIENT_TYPES.has(String(frame.type)) ? socket.whyNot(String(frame.type), frame) : "type";
}

const CLIENT_TYPES = new Set([
  "subscribe",
  "unsubscribe",
  "propose",
  "ping",
  "follow_log",
  "unfollow_log",
] as const) as ReadonlySet<string>;
