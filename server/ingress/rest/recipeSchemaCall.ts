/** The JSON Schema of a recipe, for editors. It is the same for everybody and says nothing of this server. */
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

/** Editors bring no token. */
export function recipeSchemaCall({ gate }: { readonly gate: Gate }): RequestHandler {
  let kept: Kept | null = null;
  return (request, response) => {
    gate.checkHost(request);
    kept ??= made();
    response.setHeader("ETag", kept.tag);
    // Another version of the server may have another one.
    response.setHeader("Cache-Control", "no-cache");
    if (matchesNone(request.get("If-None-Match"), kept.tag)) response.status(304).end();
    else sendText(response, kept.text);
  };
}

function made(): Kept {
  const text = JSON.stringify(recipeSchema());
  return { text, tag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
}
