/** A server that is killed loses nothing that webhooks have to be told, and tells it under the same id. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import type { DeliveryView } from "../../../shared/wire/deliveries.js";
import { until } from "../../support/deadline.js";
import { openReceiver, signatureOf } from "../../support/links/receiver.js";
import { call } from "../../support/links/rest.js";
import { type Life, livesTest as test } from "../../support/servers/serverLives.js";

const SECRET = "a-secret-in-a-file-of-its-own";
const recipe = (url: string) =>
  `name: told\nwebhooks: [{ url: "${url}", allow_private: true, secret: { file: secret } }]\nsteps: [{ action: work, run: echo }]\n`;
const deliveriesOf = async ({ url }: Life, id: string): Promise<readonly DeliveryView[]> =>
  (await call(`${url}/workflow/state/deliveries?workflow_id=${id}`, "GET")).body
    .deliveries as DeliveryView[];

describe("after a SIGKILL", () => {
  test("a webhook of a recipe is told by the next server what the one before could not", async ({
    lives,
    folder,
  }) => {
    const away = await openReceiver();
    await away.close();
    writeFileSync(path.join(folder, "workflows", "secret"), SECRET, { mode: 0o600 });
    writeFileSync(path.join(folder, "workflows", "told.yaml"), recipe(away.url));
    const first = await lives.begin();
    const id = await first.start("told");
    await first.ended(id);
    const [kept] = await until(async () => {
      const seen = await deliveriesOf(first, id);
      return seen.some(({ tries }) => tries > 0) && seen;
    }, "it was tried in vain");
    expect(kept).toMatchObject({ status: "waiting", code: null, host: `127.0.0.1:${away.port}` });
    await first.kill();
    const back = await openReceiver(undefined, away.port);
    const next = await lives.begin();
    await call(`${next.url}/workflow/state/deliveries/${kept?.id}/retry?workflow_id=${id}`, "POST");
    const told = await back.untilTold(1);
    expect(told.headers["webhook-id"]).toBe(kept?.id);
    expect(told.headers["webhook-signature"]).toBe(signatureOf(told, SECRET));
    expect(told.event).toMatchObject({ type: "ended", workflow_id: id, status: "completed" });
  });

  test("what was under way is sent again under its id, also where only the record says that it has to be told", async ({
    lives,
    folder,
  }) => {
    let ends: Life;
    const receiver = await openReceiver((response, times) => {
      // The first server is gone before it hears an answer.
      if (times === 1) void ends.kill();
      else response.writeHead(204).end();
    });
    const hook = JSON.stringify([{ url: receiver.url, allow_private: true }]);
    const flags = ["--webhooks", hook] as const;
    ends = await lives.begin(...flags);
    const steps = [{ action: "a", status: "completed", index: 0 }];
    const driven = { workflow_id: "driven", status: "completed", current_step: 0, steps };
    await call(`${ends.url}/workflow/state`, "POST", {
      body: { ...driven, start_time: "2026-01-01T00:00:00Z" },
    });
    const { headers } = await receiver.untilTold(1);
    await ends.kill();
    const outbox = path.join(folder, ".instep", "webhooks");
    expect(existsSync(outbox)).toBe(true);
    // As after a crash that came between the change and its deliveries.
    rmSync(outbox, { recursive: true });
    const next = await lives.begin(...flags);
    const again = await receiver.untilTold(2);
    expect(again.headers["webhook-id"]).toBe(headers["webhook-id"]);
    await until(
      async () => (await deliveriesOf(next, "driven")).every(({ code }) => code === 204),
      "it was told",
    );
  });
});
