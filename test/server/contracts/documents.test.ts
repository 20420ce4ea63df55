/** The documents for machines are what their standards want, and describe every route of the REST door and every frame of the socket. */
import { schemasWithoutId } from "@asyncapi/specs";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { asyncApi } from "../../../server/contracts/asyncapi.js";
import { CALLS } from "../../../server/contracts/calls.js";
import type { Json } from "../../../server/contracts/jsonSchemas.js";
import { openApi } from "../../../server/contracts/openapi.js";
import openApiSchema from "../../support/samples/openapi-3.1.schema.json" with { type: "json" };
import { read } from "../../support/sources.js";

/** Every `$ref` in a document, and what there is at it. */
function refsIn(document: Json): [string, unknown][] {
  const found = [...JSON.stringify(document).matchAll(/"\$ref":"(#[^"]*)"/g)];
  return found.map(([, ref]) => [ref!, at(document, ref!)]);
}

const at = (document: Json, ref: string): unknown =>
  ref
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, key) => (value as Json | undefined)?.[key], document);

/** The document with one value changed. */
function damaged(document: Json, pointer: string, value: unknown): Json {
  const copy = structuredClone(document);
  const [, parent, name] = /^(.*)\/(.*)$/.exec(pointer)!;
  Object.assign(at(copy, parent!) as object, { [name!]: value });
  return copy;
}

const strangers = (document: Json) =>
  refsIn(document).flatMap(([ref, value]) => (value === undefined ? [ref] : []));

const schemasOf = (document: Json) =>
  Object.keys((document.components as { schemas: Json }).schemas);

/** The paths of rest.ts with their methods, as the document writes them. */
function routes(): string[] {
  const text = read("server/ingress/rest/rest.ts").replaceAll("LIVE_PATH", '"/workflow/live"');
  const calls = text.matchAll(/resource\(door, "([^"]+)", \[[^\]]*\], \{([\s\S]*?)\n? ?\}\);/g);
  return [...calls].flatMap(([, path, methods]) =>
    [...methods!.matchAll(/\b(GET|POST|PATCH|DELETE):/g)].map(
      ([, method]) => `${method!.toLowerCase()} ${path!.replaceAll(/:(\w+)/g, "{$1}")}`,
    ),
  );
}

/** Between nodes of a cluster: for nobody else it is not there. */
const OF_NODES = ["post /workflow/state/steps/{index}/log/flush"];

describe("the OpenAPI document", () => {
  it("the OpenAPI document is one of version 3.1", () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(openApiSchema);
    for (const document of [openApi(), openApi({ told: "closed", server: "http://here" })]) {
      expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
      expect(strangers(document)).toEqual([]);
    }
    for (const [pointer, value] of [
      ["#/openapi", "3.0.0"],
      ["#/info/version", 1],
      ["#/paths/workflow", {}],
      ["#/paths/~1workflow~1state/get/operation", "load"],
      ["#/paths/~1workflow~1state/get/responses", []],
    ] as const)
      expect([pointer, validate(damaged(openApi(), pointer, value))]).toEqual([pointer, false]);
  });

  it("every schema of the OpenAPI document is one of draft 2020-12", () => {
    const document = openApi();
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, "openapi");
    for (const name of schemasOf(document))
      expect(ajv.getSchema(`openapi#/components/schemas/${name}`), name).toBeTypeOf("function");
  });

  it("the table of calls has every route of the REST door, and no other", () => {
    const described = Object.entries(CALLS).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.concat(OF_NODES).toSorted()).toEqual(routes().toSorted());
  });

  it("every call has a name of its own, and every schema is used", () => {
    const text = JSON.stringify(openApi());
    const names = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    const unused = schemasOf(openApi()).filter((name) => !text.includes(`/schemas/${name}"`));
    expect(unused).toEqual([]);
  });

  it("what the server tells is open in the published document and closed for our tests", () => {
    const of = (document: Json) =>
      (at(document, "#/components/schemas/Problem") as Json).additionalProperties;
    expect(of(openApi())).toBeUndefined();
    expect(of(openApi({ told: "closed" }))).toBe(false);
    const code = (document: Json) =>
      at(document, "#/components/schemas/Problem/properties/code") as Json;
    expect(code(openApi())).toMatchObject({
      "x-known-values": expect.arrayContaining(["damaged"]),
    });
    expect(code(openApi())).not.toHaveProperty("enum");
    expect(code(openApi({ told: "closed" }))).toHaveProperty("enum");
  });
});

describe("the AsyncAPI document", () => {
  it("the AsyncAPI document is one of version 3.0, by the schema of AsyncAPI itself", () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(
      schemasWithoutId["3.0.0"] as object,
    );
    const document = asyncApi();
    for (const one of [document, asyncApi({ told: "closed" })])
      expect(validate(one), JSON.stringify(validate.errors)).toBe(true);
    for (const [pointer, value] of [
      ["#/asyncapi", "3.1.0"],
      ["#/info/version", 1],
      ["#/channels/live/adress", "/workflow/live"],
      ["#/channels/live/bindings/ws/method", "PUT"],
      ["#/operations/hear/action", "hear"],
      ["#/components/messages/hello/payload", "hello"],
      ["#/components/schemas/hello/type", "objekt"],
    ] as const)
      expect([pointer, validate(damaged(document, pointer, value))]).toEqual([pointer, false]);
  });

  it("every message of the AsyncAPI document is sent or received, and has a schema of draft 7", () => {
    for (const document of [asyncApi(), asyncApi({ told: "closed" })]) {
      expect(strangers(document)).toEqual([]);
      const ajv = new Ajv({ strict: false, validateFormats: false });
      ajv.addSchema(document, "asyncapi");
      const names = schemasOf(document);
      for (const name of names)
        expect(ajv.getSchema(`asyncapi#/components/schemas/${name}`), name).toBeTypeOf("function");
      const { hear, tell } = document.operations as Record<string, { messages: unknown[] }>;
      expect(hear!.messages.length + tell!.messages.length).toBe(names.length);
    }
  });

  it("every type of frame that the sources know is a message", () => {
    const told = read("shared/wire/serverMessages.ts").matchAll(/type: "(\w+)"/g);
    const sent = read("shared/schema/clientMessages.ts").matchAll(/z\.literal\("(\w+)"\)/g);
    const types = new Set([...told, ...sent].map(([, type]) => type));
    expect(types.size).toBeGreaterThan(20);
    expect(new Set(schemasOf(asyncApi()))).toEqual(types);
  });
});
