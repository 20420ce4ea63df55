/** The OpenAPI 3.1 document of REST, made of the table of calls and of the schemas. */
import type { ErrorCode } from "../../shared/errors.js";
import { ANSWERS } from "./answers.js";
import type { Call, Told } from "./call.js";
import { CALLS } from "./calls.js";
import {
  commandBodies,
  type HowToTell,
  type Json,
  propertyOf,
  toldSchemas,
} from "./jsonSchemas.js";
import { HEADERS, type HeaderName, PARAMETERS, spokenName } from "./parameters.js";
import { byStatus } from "./refusals.js";

/** How the document is made. */
export interface OpenApiOptions {
  readonly told?: HowToTell["told"];
  /** Where REST is, an address or a path from the document on. */
  readonly server?: string;
}

/** From `/workflow/openapi.json` to the base, whatever prefix a proxy puts before it. */
const BASE = "..";
const WORDS =
  "Made of what the server checks with and answers. Objects that the server tells may have more keys in a later release, and lists of words (`x-known-values`) more words; `HEAD` answers as `GET` does, without a body.";

/** The document as an object; `servers` leads from its address to the base. */
export function openApi({ told = "open", server = BASE }: OpenApiOptions = {}): Json {
  const paths = Object.entries(CALLS).map(([path, methods]) => [
    path,
    {
      ...Object.fromEntries(
        Object.entries(methods).map(([method, call]) => [method, operation(path, method, call)]),
      ),
      options: { ...OPTIONS, operationId: nameOf(path, "options"), ...parametersIn(path) },
    },
  ]);
  return {
    openapi: "3.1.0",
    info: {
      title: "Instep",
      summary: "The state of long workflows, kept and live.",
      description: WORDS,
      version: "1",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: server }],
    security: [{}, { bearer: [] }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: { ...toldSchemas(ANSWERS, { told, draft: "draft-2020-12" }), ...bodySchemas() },
      responses: refusals(),
      headers: Object.fromEntries(
        Object.entries(HEADERS).map(([name, [schema, description]]) => [
          name,
          { description, schema },
        ]),
      ),
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
  };
}

const OPTIONS: Json = {
  summary: "The methods of this path",
  responses: { 204: { description: "None of them.", headers: headersOf(["Allow"]) } },
};

function operation(path: string, method: string, call: Call): Json {
  const { summary, parameters = [], body, told, refused, isPublic } = call;
  return {
    operationId: nameOf(path, method),
    summary,
    ...(isPublic ? { security: [] } : {}),
    ...(parameters.length > 0
      ? {
          parameters: parameters.map((parameter) => {
            const [schema, description] = PARAMETERS[parameter.name];
            const required = parameter.in === "path" ? { required: true } : {};
            return {
              name: spokenName(parameter.name),
              in: parameter.in,
              ...required,
              description,
              schema,
            };
          }),
        }
      : {}),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      ...Object.fromEntries(Object.entries(told).map(([status, one]) => [status, response(one)])),
      ...Object.fromEntries(
        [...byStatus(refused)]
          .filter(([status]) => !(status in told))
          .map(([status, codes]) => [
            String(status),
            { $ref: `#/components/responses/${refusalName(status, codes)}` },
          ]),
      ),
    },
  };
}

function response({ schema, content = [], headers = [], words }: Told): Json {
  const bodies = [
    ...(schema === null ? [] : [["application/json", { schema: refTo(schema) }]]),
    ...content.map((type) => [type, { schema: { type: "string" } }]),
  ];
  return {
    description: words,
    headers: headersOf([...headers, ...OF_EVERY_ANSWER]),
    ...(bodies.length > 0 ? { content: Object.fromEntries(bodies) } : {}),
  };
}

const OF_EVERY_ANSWER = ["Instep-Storage-Failing?", "Instep-Served-By?", "Instep-Stale?"] as const;

const refusalName = (status: number, codes: readonly ErrorCode[]): string =>
  `${status}_${codes.toSorted().join("-")}`;

/** Each once, however many calls may give it. */
function refusals(): Json {
  const calls = Object.values(CALLS).flatMap((methods) => Object.values(methods));
  return Object.fromEntries(
    calls.flatMap(({ refused }) =>
      [...byStatus(refused)].map(([status, codes]) => [
        refusalName(status, codes),
        refusal(status, codes),
      ]),
    ),
  );
}

/** A problem with one of these codes. A later release may have another: its status says what kind it is. */
function refusal(status: number, codes: readonly ErrorCode[]): Json {
  const headers: (HeaderName | `${HeaderName}?`)[] = [];
  if (status === 401) headers.push("WWW-Authenticate");
  if (status === 426) headers.push("Upgrade");
  if (status === 429 || status === 503) headers.push("Retry-After?");
  return {
    description: codes.map((code) => `\`${code}\``).join(", "),
    "x-codes": codes,
    headers: headersOf([...headers, ...OF_EVERY_ANSWER]),
    content: { "application/problem+json": { schema: refTo("Problem") } },
  };
}

function headersOf(names: readonly (HeaderName | `${HeaderName}?`)[]): Json {
  return Object.fromEntries(
    names.map((name) => {
      const bare = name.replace("?", "");
      const ref = { $ref: `#/components/headers/${bare}` };
      // One that is always there is written out: `required` stands beside no reference.
      if (bare !== name) return [bare, ref];
      const [schema, description] = HEADERS[bare as HeaderName];
      return [bare, { description, required: true, schema }];
    }),
  );
}

function requestBody(body: string): Json {
  const name = body.replace("?", "");
  const required = name === body;
  const bytes = { schema: { type: "string" } };
  return name === "bytes"
    ? { required, content: { "text/plain": bytes, "application/octet-stream": {} } }
    : { required, content: { "application/json": { schema: refTo(`${name}Body`) } } };
}

/** Bodies of requests: closed, but for states and steps, which keep what they do not know. */
function bodySchemas(): Record<string, Json> {
  const bodies = commandBodies();
  const whole = (["clear", "stop", "answer", "resume", "retry"] as const).map((kind) => [
    `${kind[0]?.toUpperCase()}${kind.slice(1)}Body`,
    bodies.get(kind) ?? {},
  ]);
  const start = bodies.get("start") ?? {};
  const workflow_id = propertyOf(bodies.get("restore"), "workflow_id");
  return {
    StateBody: propertyOf(bodies.get("save"), "state"),
    StatePartBody: propertyOf(bodies.get("merge"), "state"),
    StepPartBody: propertyOf(bodies.get("step"), "update"),
    ...Object.fromEntries(whole),
    StartBody: {
      ...start,
      properties: { ...(start.properties as Json), dry_run: { type: "boolean" } },
    },
    RestoreBody: { type: "object", properties: { workflow_id }, additionalProperties: false },
    ShareMakeBody: {
      type: "object",
      properties: {
        workflow_id,
        for_ms: { type: "integer", minimum: 1_000, maximum: 2_592_000_000 },
      },
      additionalProperties: false,
    },
    ShareTakeBody: {
      type: "object",
      properties: { share: { type: "string", minLength: 1, maxLength: 2_000 } },
      required: ["share"],
      additionalProperties: false,
    },
  };
}

/** Those of the path, which stand in every method. */
function parametersIn(path: string): Json {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as "index" | "id");
  const parameters = names.map((name) => {
    const [schema, description] = PARAMETERS[name];
    return { name, in: "path", required: true, description, schema };
  });
  return parameters.length > 0 ? { parameters } : {};
}

const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** `getWorkflowStateSummary`. */
function nameOf(path: string, method: string): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== "");
  return method + words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join("");
}
