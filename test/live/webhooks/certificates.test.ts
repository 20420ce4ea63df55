/** Webhooks over TLS: who an authority that the server knows vouches for is told, and nobody else, which the delivery says. */
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import type { DeliveryView } from "../../../shared/wire/deliveries.js";
import { until } from "../../support/deadline.js";
import { makeCertificates } from "../../support/etcd/certificates.js";
import { openReceiver } from "../../support/links/receiver.js";
import { call } from "../../support/links/rest.js";
import { livesTest as test } from "../../support/servers/serverLives.js";

describe("a receiver with a certificate", () => {
  test("a good one is told, and one for another name or signed by itself is refused in words", async ({
    lives,
    folder,
  }) => {
    const made = (name: string) => {
      mkdirSync(path.join(folder, name));
      return makeCertificates(path.join(folder, name)).folder;
    };
    const [known, unknown] = [made("known"), made("unknown")];
    const tls = (from: string, name: string) => ({
      key: readFileSync(path.join(from, `${name}.key`), "utf8"),
      cert: readFileSync(path.join(from, `${name}.pem`), "utf8"),
    });
    const good = await openReceiver(undefined, 0, { tls: tls(known, "member") });
    const elsewhere = { host: "127.0.0.2", tls: tls(known, "member") };
    const misnamed = await openReceiver(undefined, 0, elsewhere);
    const strange = await openReceiver(undefined, 0, { tls: tls(unknown, "member") });
    const selfSigned = await openReceiver(undefined, 0, { tls: tls(unknown, "ca") });
    const receivers = { good, misnamed, strange, selfSigned };
    const hooks = Object.entries(receivers).map(([name, { url }]) => ({
      ...{ name, url, allow_private: true },
    }));
    const flags = ["--webhooks", JSON.stringify(hooks)];
    const { url } = await lives.beginning(
      { NODE_EXTRA_CA_CERTS: path.join(known, "ca.pem") },
      ...flags,
    ).ready;
    const steps = [{ action: "a", status: "completed" }];
    const body = { workflow_id: "told", status: "completed", steps };
    expect((await call(`${url}/workflow/state`, "POST", { body })).status).toBe(200);
    const deliveries = await until(async () => {
      const path = `${url}/workflow/state/deliveries?workflow_id=told`;
      const all = (await call(path, "GET")).body.deliveries as DeliveryView[];
      return all.length === hooks.length && all.every(({ tries }) => tries > 0) && all;
    }, "each was tried");
    const said = Object.fromEntries(
      deliveries.map(({ webhook, status, error }) => [webhook, [status, error]]),
    );
    const untrusted = (why: string) =>
      `its certificate is signed by ${why}: NODE_EXTRA_CA_CERTS says which file to trust`;
    expect(said).toEqual({
      good: ["delivered", null],
      misnamed: ["waiting", expect.stringMatching(/^its certificate is not for 127\.0\.0\.2 \(/)],
      strange: ["waiting", untrusted("an authority that is not known here")],
      selfSigned: ["waiting", untrusted("itself alone")],
    });
    expect(good.told).toHaveLength(1);
    expect([misnamed, strange, selfSigned].flatMap(({ told }) => told)).toEqual([]);
  });
});
