/** The order in which readers hear of a commit, and what a reader that throws does to the others. */
import { describe, expect, it } from "vitest";
import { Commits } from "../../../server/state/commits.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { recordOf } from "../../support/disks/records.js";

describe("a commit", () => {
  it("a commit is told turn by turn, in whatever order the readers came", async () => {
    const store = new MemoryStore();
    const commits = new Commits(store, () => {});
    const heard: string[] = [];
    for (const turn of ["runner", "watchers", "deadlines", "memory"] as const)
      commits.listen(turn, () => heard.push(turn));
    await store.commit(recordOf(), null);
    expect(heard).toEqual(["memory", "deadlines", "watchers", "runner"]);
  });

  it("reaches every reader where one throws, and is accepted all the same", async () => {
    const store = new MemoryStore();
    const failures: unknown[] = [];
    const commits = new Commits(store, (error, { kind }) => failures.push([error, kind]));
    const mistake = new Error("a mistake");
    const heard: string[] = [];
    commits.listen("watchers", () => {
      throw mistake;
    });
    commits.listen("watchers", () => heard.push("beside it"));
    commits.listen("runner", () => heard.push("after it"));
    await store.commit(recordOf(), null);
    expect(heard).toEqual(["beside it", "after it"]);
    expect(failures).toEqual([[mistake, "committed"]]);
  });

  it("a commit is told to nobody who has stopped listening", async () => {
    const store = new MemoryStore();
    const commits = new Commits(store, () => {});
    const heard: string[] = [];
    const stop = commits.listen("memory", () => heard.push("stopped"));
    commits.listen("memory", () => heard.push("listening"));
    stop();
    expect(commits.readers).toBe(1);
    await store.commit(recordOf(), null);
    commits.close();
    await store.commit({ ...recordOf(), revision: 2 }, store.open.get("deploy")!);
    expect(heard).toEqual(["listening"]);
  });
});
