/** Somebody else, who must not notice what is done to the server meanwhile. */
import { expect } from "vitest";
import type { LiveServer } from "../servers/liveServer.js";

/** A workflow and a tab on it: after all that was done to the server, both must be as they were. */
export async function witness(server: LiveServer) {
  await server.saved({ workflow_id: "witness", steps: [{ action: "watch" }] });
  const tab = await server.openTab();
  tab.subscribe("witness");
  await tab.take("snapshot");
  return {
    isUnharmed: async () => {
      expect(await tab.rest()).toEqual([]);
      const path = `/workflow/state/steps/0?workflow_id=witness`;
      expect((await server.call("PATCH", path, { body: { message: "still here" } })).status).toBe(
        200,
      );
      expect(await tab.take("changed")).toMatchObject({ base: 1, revision: 2 });
    },
  };
}
