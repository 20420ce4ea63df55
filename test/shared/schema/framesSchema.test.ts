/** The frames from a client as JSON Schema: what other languages check with is what the server checks with. */
import { expect, it } from "vitest";
import * as z from "zod";
import { ClientMessage } from "../../../shared/schema/clientMessages.js";

it("describes the frames from a client as the server checks them (vitest -u writes it anew)", async () => {
  const schema = {
    title: "The frames from a client of the Instep protocol, version 1",
    ...z.toJSONSchema(ClientMessage, { io: "input" }),
  };
  await expect(`${JSON.stringify(schema)}\n`).toMatchFileSnapshot(
    "../../../shared/frames.schema.json",
  );
});
