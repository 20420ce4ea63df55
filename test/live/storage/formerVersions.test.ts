/** Data folders that earlier versions left: this one reads each whole. */
import { chmod, cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { call } from "../../support/links/rest.js";
import { processTest } from "../../support/servers/serverProcess.js";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
/** A folder that is out never changes: `test/fixtures/makeDataFolder.mjs` made it. */
const VERSIONS = ["data-0.1"];

interface Kept {
  readonly epoch: string;
  readonly revision: number;
  readonly state: WorkflowState;
  readonly log: string;
}

describe("a data folder of an earlier version", () => {
  for (const version of VERSIONS) {
    processTest(
      `the folder ${version} of a killed server is read whole`,
      async ({ start, folder }) => {
        const data = join(folder, "data");
        await cp(join(FIXTURES, version, "data"), data, { recursive: true });
        await chmod(data, 0o700);
        const expected: Record<string, Kept> = JSON.parse(
          await readFile(join(FIXTURES, version, "expected.json"), "utf8"),
        );
        const links = await readFile(join(data, "shares.json"), "utf8");
        const server = start(data, { flags: ["--clear-after", "1h"] });
        const url = await server.ready;
        for (const [id, { epoch, state, log }] of Object.entries(expected)) {
          const { body } = await call(`${url}/workflow/state?workflow_id=${id}`, "GET");
          const found = body.state;
          expect([id, body.epoch]).toEqual([id, epoch]);
          expect(found.title).toBe(state.title);
          expect(found.steps).toMatchObject(messagesOf(state));
          if (id !== "asks") expect(found.status).toBe(state.status);
          if (id === "ended") expect(found).toEqual(state);
          const output = await call(`${url}/workflow/state/steps/0/log?workflow_id=${id}`, "GET");
          expect([id, output.text]).toEqual([id, log]);
        }
        const told = await call(`${url}/workflow/state/deliveries?workflow_id=ended`, "GET");
        expect(told.body.deliveries).toMatchObject([{ event: "ended" }]);
        // Whoever asks for the links has their file read.
        expect((await call(`${url}/workflow/shares`, "GET")).status).toBe(200);
        expect(await readFile(join(data, "shares.json"), "utf8")).toBe(links);
        expect((await readdir(data, { recursive: true })).filter(isDamaged)).toEqual([]);
        expect(server.stderr).toBe("");
      },
    );
  }
});

/** Each step, as far as a restart leaves it. */
const messagesOf = ({ steps }: WorkflowState) =>
  steps.map(({ action, message }) => (message === undefined ? { action } : { action, message }));

const isDamaged = (name: string): boolean => name.includes("damaged");
