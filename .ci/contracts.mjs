/** Writes the documents for machines into the package: OpenAPI of REST, AsyncAPI of the WebSocket. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { asyncApi } from "../dist/server/contracts/asyncapi.js";
import { openApi } from "../dist/server/contracts/openapi.js";
import { ROOT } from "./tools.mjs";

const write = (name, document) =>
  writeFileSync(path.join(ROOT, "dist", name), `${JSON.stringify(document)}\n`);

// A file has no address from which the base could be told: this is where a server is that was told nothing else.
write("openapi.json", openApi({ server: "http://127.0.0.1:4747" }));
write("asyncapi.json", asyncApi());
