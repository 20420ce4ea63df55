/** The AsyncAPI 3 document of the WebSocket, made of the schemas of its frames. */
import { LIVE_PATH, SUBPROTOCOL } from "../../shared/names.js";
import { clientFrames, type HowToTell, type Json, toldSchemas } from "./jsonSchemas.js";
import { SERVER_FRAMES } from "./serverFrames.js";

const WORDS =
  "Frames are JSON text, one object each. Those of the server may have more keys in a later release, lists of words (`x-known-values`) more words, and there may be more types: a client ignores what it does not know. Those of a client are closed. Schemas are of JSON Schema, draft 7.";

/** The document as an object; its address is below the base, as that of REST. */
export function asyncApi({ told = "open" }: { readonly told?: HowToTell["told"] } = {}): Json {
  const draft = "draft-07";
  const sent = clientFrames(draft);
  const toldFrames = toldSchemas(SERVER_FRAMES, { told, draft });
  const schemas = { ...toldFrames, ...Object.fromEntries(sent) };
  const refs = (names: Iterable<string>) =>
    [...names].map((name) => ({ $ref: `#/channels/live/messages/${name}` }));
  return {
    asyncapi: "3.0.0",
    info: { title: "Instep", version: "1", description: WORDS, license: { name: "MIT" } },
    defaultContentType: "application/json",
    channels: {
      live: {
        address: LIVE_PATH,
        title: `The WebSocket, subprotocol ${SUBPROTOCOL}`,
        messages: Object.fromEntries(
          Object.keys(schemas).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: { ws: { method: "GET" } },
      },
    },
    // As seen from the server.
    operations: {
      hear: {
        action: "receive",
        channel: { $ref: "#/channels/live" },
        messages: refs(sent.keys()),
      },
      tell: {
        action: "send",
        channel: { $ref: "#/channels/live" },
        messages: refs(Object.keys(toldFrames)),
      },
    },
    components: {
      messages: Object.fromEntries(
        Object.keys(schemas).map((name) => [
          name,
          { name, payload: { $ref: `#/components/schemas/${name}` } },
        ]),
      ),
      schemas,
    },
  };
}
