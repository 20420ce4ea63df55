/** examples/react is built as its reader builds it, and shows the list and one run live, and honestly once the server is gone. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import express from "express";
import { expect } from "vitest";
import { createInstep } from "../../../server/server.js";
import { ROOT } from "../../support/docs/packedPackage.js";
import { pageTest, sender } from "../pageTest.js";

const run = promisify(execFile);
const NEEDED = ["react", "react-dom", "vite", "@vitejs", "@types"];

/** The example in a folder of its own, with what `npm install` would put beside it. */
async function built(folder: string): Promise<string> {
  await cp(path.join(ROOT, "examples/react"), folder, { recursive: true });
  const modules = path.join(folder, "node_modules");
  await mkdir(modules);
  for (const name of NEEDED)
    await symlink(path.join(ROOT, "node_modules", name), path.join(modules, name));
  await symlink(ROOT, path.join(modules, "instep"));
  const program = (file: string, ...words: string[]) =>
    run(process.execPath, [path.join(ROOT, "node_modules", file), ...words], { cwd: folder });
  await program("typescript/bin/tsc", "-p", ".");
  await program("vite/bin/vite.js", "build");
  return path.join(folder, "dist");
}

pageTest(
  "the React example type-checks, builds, and shows the list and a run as they are",
  async ({ dataDir, openTab, onTestFinished }) => {
    const folder = await mkdtemp(path.join(tmpdir(), "instep-react-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const app = express();
    app.use(express.static(await built(folder)));
    const instep = await createInstep({ dataDir });
    app.use("/instep", instep.router());
    const server = createServer(app);
    instep.attach(server, { mount: "/instep" });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(async () => {
      await instep.close({ drainMs: 1_000 });
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = sender(`${url}/instep`);

    const tab = await openTab(`${url}/`);
    await tab.getByText("Nothing was started yet.").waitFor();
    const steps = [{ action: "build" }, { action: "ship" }];
    await send("POST", "/workflow/state", { workflow_id: "deploy", title: "Deploy", steps });
    await tab.getByRole("button", { name: "Deploy running" }).click();
    await send("PATCH", "/workflow/state/steps/0?workflow_id=deploy", { status: "completed" });
    await tab.locator("li[data-status=completed]", { hasText: "build" }).waitFor();
    await tab.locator("output", { hasText: /^Live$/ }).waitFor();

    // With its port: the program around a closed Instep would still answer reads.
    await instep.close({ drainMs: 1_000 });
    server.closeAllConnections();
    server.close();
    await tab.locator("output", { hasText: "Not live" }).waitFor();
    await tab.locator("[data-testid=run-status]", { hasText: "as of" }).waitFor();
    expect(await tab.locator("li[data-status=completed]").count()).toBe(1);
  },
);
