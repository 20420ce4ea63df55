/** Documents for machines: the JSON Schema of a recipe, OpenAPI, AsyncAPI. They are the same for everybody and say nothing of this server. */
import { createHash } from "node:crypto";
import type { RequestHandler } from "express";
import { recipeSchema } from "../../runner/definition/editors/recipeSchema.js";
import type { Gate } from "../access/access.js";
import { sendText } from "../answer/sendJson.js";
import { matchesNone } from "../request/conditions.js";

interface Kept {
  readonly text: string;
  readonly tag: string;
}

/** Answers with what `made` gives: made when somebody asks first, and kept. Rejects with what `made` rejects with. */
function documentCall(made: () => object | Promise<object>): RequestHandler {
  let keeping: Promise<Kept> | null = null;
  return async (request, response) => {
    keeping ??= Promise.resolve(made()).then(keptOf);
    const kept = await keeping;
    response.setHeader("ETag", kept.tag);
    // Another version of the server may have another one.
    response.setHeader("Cache-Control", "no-cache");
    if (matchesNone(request.get("If-None-Match"), kept.tag)) response.status(304).end();
    else sendText(response, kept.text);
  };
}

/** Editors bring no token. */
export const recipeSchemaCall = ({ gate }: { readonly gate: Gate }): RequestHandler[] => [
  (request, _response, next) => {
    gate.checkHost(request);
    next();
  },
  documentCall(recipeSchema),
];

/** Its modules are loaded when somebody asks first. */
export const openApiCall = (): RequestHandler =>
  documentCall(async () => (await import("../../contracts/openapi.js")).openApi());

/** Its modules are loaded when somebody asks first. */
export const asyncApiCall = (): RequestHandler =>
  documentCall(async () => (await import("../../contracts/asyncapi.js")).asyncApi());

function keptOf(document: object): Kept {
  const text = JSON.stringify(document);
  return { text, tag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
}
