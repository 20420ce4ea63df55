/** Webhooks in a cluster: one server at a time tells them, whichever server made the change, and another one goes on where it is lost. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { WebhookOptions } from "../../../server/webhooks/readWebhooks.js";
import type { DeliveryView } from "../../../shared/wire/deliveries.js";
import { clusterTest } from "../../support/cluster/clusterTest.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { openReceiver, type Receiver, type Told } from "../../support/links/receiver.js";
import { type Answer, call } from "../../support/links/rest.js";

type Call = (method: string, path: string, options?: { body?: object }) => Promise<Answer>;

const state = (workflow_id: string, status: string, more: object = {}) => ({
  ...{ workflow_id, name: "Nightly", status, current_step: 0, ...more },
  steps: [{ action: "copy", status: status === "running" ? "in_progress" : status, index: 0 }],
});
const to = (url: string, more: Partial<WebhookOptions> = {}): WebhookOptions => ({
  ...{ url, allow_private: true, name: "team", ...more },
});
async function saved(at: Call, body: object): Promise<void> {
  const { status, text } = await at("POST", "/workflow/state", { body });
  expect([text, status]).toEqual([text, 200]);
}
async function deliveriesOf(at: Call, id: string): Promise<readonly DeliveryView[]> {
  const { body, text } = await at("GET", `/workflow/state/deliveries?workflow_id=${id}`);
  expect(body.success, text).toBe(true);
  return body.deliveries as DeliveryView[];
}
async function untilAll(at: Call, id: string, status: DeliveryView["status"]) {
  let seen: readonly DeliveryView[] = [];
  await until(
    async () => {
      seen = await deliveriesOf(at, id);
      return seen.length > 0 && seen.every((one) => one.status === status);
    },
    () => `all to be ${status}: ${JSON.stringify(seen, null, 1)}`,
  );
  return seen;
}

const idsTold = ({ told }: Receiver) => told.map(({ headers }) => headers["webhook-id"]);
/** One that comes twice has the same id: that may be, where a machine stands still for seconds. */
const firstTold = (receiver: Receiver): readonly Told[] => {
  const ids = idsTold(receiver);
  return receiver.told.filter((_, index) => ids.indexOf(ids[index]) === index);
};

describe.skipIf(!hasEtcd)("webhooks in a cluster", () => {
  clusterTest(
    "each event is told in order, whichever server made it, and both servers list it right away",
    async ({ node }) => {
      const receiver = await openReceiver();
      const webhooks = [to(receiver.url)];
      const nodes = [await node("a", { webhooks }), await node("b", { webhooks })];
      const [a, b] = nodes.map<Call>(
        (one) =>
          (...given) =>
            one.call(...given),
      ) as [Call, Call];
      for (const at of [a, b]) {
        const id = at === a ? "of-a" : "of-b";
        await saved(at, state(id, "running"));
        await saved(at, state(id, "blocked", { block_info: { id: "q", prompt: "Go on?" } }));
        expect(await deliveriesOf(at, id)).toHaveLength(1);
        await saved(at, state(id, "completed"));
        const here = await deliveriesOf(at, id);
        const there = await deliveriesOf(at === a ? b : a, id);
        expect(here.map(({ event }) => event)).toEqual(["blocked", "ended"]);
        expect(there.map((one) => one.id)).toEqual(here.map((one) => one.id));
        for (const other of [a, b]) await untilAll(other, id, "delivered");
      }
      const told = firstTold(receiver).map(({ event }) => [event.workflow_id, event.type]);
      const each = (id: string) => [
        [id, "blocked"],
        [id, "ended"],
      ];
      expect(told).toEqual([...each("of-a"), ...each("of-b")]);
      // Once more by hand, from each of the two: one of them is not the one that tells.
      for (const [index, at] of [a, b].entries()) {
        const [{ id } = { id: "" }] = await deliveriesOf(at, "of-a");
        const times = () => idsTold(receiver).filter((one) => one === id).length;
        const before = times();
        const again = `/workflow/state/deliveries/${id}/retry?workflow_id=of-a`;
        expect(await at("POST", again)).toMatchObject({ status: 202 });
        await until(() => times() > before, `it is sent again, as server ${index} was asked`);
        await untilAll(at, "of-a", "delivered");
      }
    },
  );

  clusterTest(
    "an end is told where the workflow was cleared right behind it, at either server",
    async ({ node }) => {
      const receiver = await openReceiver();
      const options = { webhooks: [to(receiver.url)], history: 0 };
      const nodes = [await node("a", options), await node("b", options)];
      for (const one of nodes) {
        const workflow_id = `cleared-${one.name}`;
        await saved((...given) => one.call(...given), state(workflow_id, "completed"));
        const body = { workflow_id };
        expect(await one.call("POST", "/workflow/clear", { body })).toMatchObject({ status: 200 });
        const isTold = () => receiver.told.some(({ event }) => event.workflow_id === workflow_id);
        await until(isTold, `${workflow_id} is told`);
      }
      expect(firstTold(receiver)).toHaveLength(2);
    },
  );

  faultTest(
    "what a killed server has not told is told by another one, also to a webhook of a recipe that ran on the lost one",
    async ({ openCluster, folder }) => {
      const receiver = await openReceiver((response, times) => {
        response.writeHead(times <= 2 ? 503 : 204).end();
      });
      const workflows = join(folder, "recipes");
      mkdirSync(workflows);
      const recipe = `name: told\nwebhooks: [{ url: "${receiver.url}", name: own, allow_private: true }]\nsteps: [{ action: work, run: echo }]\n`;
      writeFileSync(join(workflows, "told.yaml"), recipe);
      const flags = ["--workflows", workflows, "--webhooks", JSON.stringify([to(receiver.url)])];
      const { spawn } = await openCluster();
      const [first, other] = [await spawn(...flags), await spawn(...flags)];
      const at =
        ({ url }: typeof first): Call =>
        (method, path, options) =>
          call(`${url}${path}`, method, options);
      const started = await at(first)("POST", "/workflow/start", { body: { name: "told" } });
      const id = started.body.workflow_id as string;
      const seen = await until(async () => {
        const all = await deliveriesOf(at(other), id);
        return all.length === 2 && all.every(({ tries }) => tries > 0) && all;
      }, "both were tried in vain");
      await first.kill();
      // Their next tries are seconds away: the other one has the duty once the lease of the lost one has ended.
      const told = await untilAll(at(other), id, "delivered");
      expect(told.map((one) => one.id)).toEqual(seen.map((one) => one.id));
      expect(new Set(idsTold(receiver))).toEqual(new Set(seen.map((one) => one.id)));
    },
  );
});
