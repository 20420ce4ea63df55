/** Instep inside a Fastify app: the app's pages beside it, and a piece of work of the app's that everybody can watch. */
import { fastify } from "fastify";
import { createInstep } from "instep";
import { createClient, drive } from "instep/client";

const BASE = "/runs";
const { PORT = "3000", DATA_DIR = ".instep" } = process.env;

const instep = await createInstep({ dataDir: DATA_DIR, basePath: BASE });
const app = fastify();

// Before Fastify reads bodies. What is not below BASE goes on to the app's own routes.
app.addHook("onRequest", ({ raw }, reply, done) => {
  instep.handler(raw, reply.raw, () => done());
});
// The live sockets. Those at other paths are the app's.
instep.attach(app.server);

app.get("/", (_request, reply) =>
  reply.type("text/html").send(`<h1>My app</h1><a href="${BASE}/">What is running</a>\n`),
);

app.post("/import", async (_request, reply) => {
  const id = await importRows();
  return reply.code(202).send({ watch: `${BASE}/w/${id}` });
});

await app.listen({ port: Number(PORT), host: "127.0.0.1" });
const { port } = app.server.address();
// The app drives by the same door as anybody else.
const client = createClient({ url: `http://127.0.0.1:${port}${BASE}` });
process.stdout.write(`http://127.0.0.1:${port}/\n`);

for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, async () => {
    client.close();
    await instep.close();
    await app.close();
  });

/** Resolves with the id once the workflow is saved; the work goes on behind that. */
function importRows() {
  return new Promise((started, failed) => {
    const steps = [{ action: "read" }, { action: "write" }];
    const handlers = {
      read: (step) => step.output("3 rows\n"),
      write: async (step) => {
        for (const row of [1, 2, 3]) {
          await step.output(`row ${row} is written\n`);
          step.progress(row / 3);
        }
      },
    };
    drive(client, { title: "Import", steps }, handlers, {
      onStart: ({ workflow_id }) => started(workflow_id),
    }).catch(failed);
  });
}
