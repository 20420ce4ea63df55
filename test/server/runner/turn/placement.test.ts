/** Each node of a cluster chooses the same place for a workflow that waits. */
import { describe, expect, it } from "vitest";
import { tellsOf } from "../../../../server/runner/lost/whose.js";
import { fitOf } from "../../../../server/runner/turn/fitting.js";
import { placementBy } from "../../../../server/runner/turn/placement.js";
import { recordOf } from "../../../support/disks/records.js";
import { FakeNodes } from "../../../support/servers/fakeNodes.js";

const runningOn = (...nodes: string[]) =>
  nodes.map((node, at) =>
    recordOf({
      workflow_id: `w${at}`,
      lease: { token: 1, driver: "Instep", boot_id: `boot of ${node}`, node },
    }),
  );

function cluster(...names: string[]): FakeNodes {
  const nodes = new FakeNodes();
  for (const name of names) nodes.come(name, { max_concurrent: 2 });
  return nodes;
}

describe("the place of a workflow that waits", () => {
  it.each([
    ["the one that runs the fewest", ["a", "a", "b"], undefined, "c"],
    ["of equals the one that took the start", ["a"], "c", "c"],
    ["of equals, where that is another, the first by name", ["c"], "c", "a"],
    ["none that is full", ["a", "a", "b", "b"], "a", "c"],
    ["nowhere where all are full", ["a", "a", "b", "b", "c", "c"], "a", null],
    ["none that is away", ["a", "b", "c", "d"], "d", "a"],
  ])("it is %s", (_, running, home, place) => {
    const nodes = cluster("b", "a", "c").as("b");
    expect(placementBy(runningOn(...running), nodes)({ home })).toBe(place);
  });
});

describe("the place of a workflow that asks for labels", () => {
  const nodes = () => {
    const all = new FakeNodes();
    all.come("a", { labels: ["a"], max_concurrent: 2 });
    all.come("b", { labels: ["b", "gpu"], max_concurrent: 2 });
    all.come("c", { labels: ["c", "gpu", "arm"], max_concurrent: 2 });
    return all;
  };

  it.each([
    ["the one that runs the fewest of those that have it", ["gpu"], ["b"], "c"],
    ["of equals the first by name, also where another took the start", ["gpu"], [], "b"],
    ["the one that has all of them, however much it runs", ["gpu", "arm"], ["c"], "c"],
    ["a node that is called by its name", ["a"], ["a"], "a"],
    ["nowhere where those that have it are full", ["arm"], ["c", "c"], null],
    ["nowhere where no node has all of them", ["a", "gpu"], [], null],
  ])("it is %s", (_, labels, running, place) => {
    const placeOf = placementBy(runningOn(...running), nodes().as("a"));
    expect(placeOf({ home: "a", labels })).toBe(place);
  });

  it("a node knows whether it fits, and which labels nobody has", () => {
    const all = nodes();
    expect(fitOf(["gpu"], all.as("b"))).toEqual({ isHere: true });
    expect(fitOf(["gpu"], all.as("a"))).toEqual({ isHere: false });
    all.leave("c");
    expect(fitOf(["gpu", "arm"], all.as("b"))).toEqual({
      isHere: false,
      lacking: { labels: ["gpu", "arm"] },
    });
    expect(fitOf(undefined, all.as("a"))).toEqual({ isHere: true });
  });

  it("a server alone looks at no labels", () => {
    expect(fitOf(["gpu"], undefined)).toEqual({ isHere: true });
  });
});

describe("the places of several that wait", () => {
  it("each that is placed counts for those after it, until all nodes are full", () => {
    const placeOf = placementBy(runningOn("a"), cluster("a", "b").as("a"));
    expect([1, 2, 3, 4].map(() => placeOf({}))).toEqual(["b", "a", "b", null]);
  });
});

describe("the node that tells of a workflow", () => {
  const record = runningOn("b")[0]!;
  const tellers = (nodes: FakeNodes) =>
    [...nodes.present.keys()].filter((me) => tellsOf(record, nodes.as(me)));

  it("it is the one that runs it; while that is away, one of the others; and always one alone", () => {
    const nodes = cluster("c", "b", "a");
    expect(tellers(nodes)).toEqual(["b"]);
    nodes.leave("b");
    expect(tellers(nodes)).toEqual(["a"]);
    nodes.come("b");
    expect(tellers(nodes)).toEqual(["b"]);
  });

  it("a server alone tells of everything", () => {
    expect(tellsOf(record, undefined)).toBe(true);
  });
});
