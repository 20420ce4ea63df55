/** The list of what has to be ended. */
import { describe, expect, it } from "vitest";
import { UndoList } from "../../server/undoList.js";

const NOW = Promise.resolve();

describe("an undo list", () => {
  it("an undo list ends the newest part first, each once, and waits for each", async () => {
    const undo = new UndoList();
    const ended: string[] = [];
    undo.push(() => void ended.push("folder"));
    undo.push(async () => {
      await Promise.resolve();
      ended.push("door");
    });
    await undo.run(NOW);
    await undo.run(NOW);
    expect(ended).toEqual(["door", "folder"]);
  });

  it("an undo list ends the other parts where one cannot be ended, and says so afterwards", async () => {
    const undo = new UndoList();
    const ended: string[] = [];
    undo.push(() => void ended.push("folder"));
    undo.push(() => {
      throw new Error("stuck");
    });
    undo.push(() => void ended.push("door"));
    await expect(undo.run(NOW)).rejects.toThrow("stuck");
    expect(ended).toEqual(["door", "folder"]);
  });
});
