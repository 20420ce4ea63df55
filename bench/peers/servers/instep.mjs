/** Instep, durable on the disk: the build in the folder of the first argument, the data in the second. Only the pace is not limited. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "./serving.mjs";

const [, , root, dataDir] = process.argv;
const NO_PACE = { commandsPerSecond: 1e9, commandBurst: 1e9 };

const { createInstep } = await import(pathToFileURL(join(root, "dist/command/server.cjs")));
const before = performance.now();
const cpuBefore = process.cpuUsage();
const instep = await createInstep({ dataDir, limits: { ...NO_PACE, openWorkflows: 20_000 } });
const { user, system } = process.cpuUsage(cpuBefore);
const start = { ms: performance.now() - before, cpu: user + system };
const { port } = await instep.listen({ port: 0, host: "127.0.0.1" });
serve(port, {
  start: () => start,
  close: () => instep.close(),
});
