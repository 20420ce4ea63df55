/** The JSON Schema of recipes at the REST door: for editors, which bring no token. */
import { describe, expect } from "vitest";
import { recipeSchema } from "../../../../server/runner/definition/editors/recipeSchema.js";
import { requestText, sendRaw } from "../../../support/links/rawHttp.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const PATH = "/workflow/definitions/schema.json";

describe("GET /workflow/definitions/schema.json", () => {
  test("the schema of recipes is there for everybody, and answered with 304 to those who have it", async ({
    runnerWorld,
  }) => {
    const { server } = await runnerWorld({ tokens: [{ token: "a-token", can: "watch" }] });
    const answer = await server.get(PATH);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(JSON.parse(JSON.stringify(recipeSchema())));
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    const tag = answer.headers.get("etag")!;
    expect((await server.get(PATH, { "If-None-Match": tag })).status).toBe(304);
    expect((await server.get("/workflow/definitions")).status).toBe(401);
  });

  test("the schema of recipes is read only, and no definition takes its place", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("schema.json.yaml", "name: schema.json\nsteps: [{ action: a, run: 'true' }]");
    expect((await world.server.get(PATH)).body).toMatchObject({ title: "A recipe of Instep" });
    expect((await world.server.call("POST", PATH, { body: {} })).status).toBe(405);
    const started = await world.server.call("POST", "/workflow/start", {
      body: { name: "schema.json" },
    });
    expect(started.status).toBe(201);
  });

  test("the schema of recipes is not there under another server's name", async ({
    runnerWorld,
  }) => {
    const { server } = await runnerWorld();
    const text = requestText("GET", PATH, ["Host: evil.example"]);
    expect((await sendRaw(Number(new URL(server.url).port), text)).status).toBe(403);
  });
});
