import { describe, expect, test } from "vitest";
import { type ClusterOptions, checkedCluster } from "../../../server/cluster/clusterOptions.js";
import { nodeNameOf } from "../../../server/cluster/nodeName.js";
import { readStoreAddress } from "../../../server/cluster/storeAddress.js";

describe("the address of a store", () => {
  test.each([
    ["etcd://h1", ["http://h1:2379"], "/instep/v1/"],
    ["etcd://H1:23,h2:24/", ["http://h1:23", "http://h2:24"], "/instep/v1/"],
    [
      "etcds://10.0.0.1,[::1]:3/team-a/x",
      ["https://10.0.0.1:2379", "https://[::1]:3"],
      "/team-a/x/",
    ],
  ])("%s means those members and that prefix", (text, endpoints, prefix) => {
    expect(readStoreAddress(text)).toEqual({ endpoints, prefix });
  });

  test.each([
    ["http://h1:2379", "must be an address like etcd://"],
    ["etcd://", '"" is no HOST:PORT'],
    ["etcd://h1,,h2", '"" is no HOST:PORT'],
    ["etcd://h1:0", '"h1:0" is no HOST:PORT'],
    ["etcd://h1:70000", "is no HOST:PORT"],
    ["etcd://h1?x=1", "is no HOST:PORT"],
    ["etcd://h1,h1:2379", "names a member twice"],
    ["etcd://h1/a//b", "has a prefix that is none"],
    ["etcd://h1/a?b", "has a prefix that is none"],
    [`etcd://${"h,".repeat(20)}h`, "must name 1 to 15 members"],
  ])("%s is none, and a sentence says why", (text, why) => {
    expect(() => readStoreAddress(text)).toThrow(why);
  });
});

describe("the options of a cluster", () => {
  test("the checked options have every label once, the node's own name first", () => {
    const { labels, url, store } = checkedCluster({
      store: { endpoints: ["http://h:1"] },
      node: "a",
      labels: ["gpu", "a", "gpu"],
      url: "http://10.0.0.2:4747/instep/",
    });
    expect(labels).toEqual(["a", "gpu"]);
    expect(url).toBe("http://10.0.0.2:4747/instep");
    expect(store).toEqual({ endpoints: ["http://h:1"], prefix: "/instep/v1/" });
  });

  test.each<[Partial<ClusterOptions>, string]>([
    [{ store: "h:1" }, "cluster.store: must be an address like etcd://"],
    [{ store: { endpoints: [] } }, "cluster.store: must name 1 to 15 members"],
    [{ store: { endpoints: ["http://a:1", "https://b:1"] } }, "or all as https://HOST:PORT"],
    [{ node: "" }, "cluster.node: must have up to 64 letters"],
    [{ labels: ["a b"] }, "cluster.labels: must be at most 32 words"],
    [{ url: "10.0.0.2" }, "cluster.url: must be an address like"],
    [{ url: "http://h?x" }, "cluster.url: must be an address like"],
    [{ tls: { ca: "x" } }, "cluster.tls: is for members that are reached with TLS"],
    [{ store: "etcds://h", tls: { cert: "x" } }, "cluster.tls: needs cert and key, or neither"],
  ])("%j is refused by its name", (options, why) => {
    expect(() => checkedCluster({ store: "etcd://h", node: "a", ...options })).toThrow(why);
  });

  test.each([
    ["build-7.example.com", "build-7.example.com"],
    ["Büro 7", "B-ro-7"],
    ["-_.x", "x"],
    ["", "node"],
    ["x".repeat(80), "x".repeat(64)],
  ])("the machine %s makes the node %s", (machine, node) => {
    expect(nodeNameOf(machine)).toBe(node);
  });
});
