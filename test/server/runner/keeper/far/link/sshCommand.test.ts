/** The sentence for a link that is gone, by what ssh wrote and how it ended. */
import { expect, it } from "vitest";
import { failureOf } from "../../../../../../server/runner/keeper/far/link/sshCommand.js";

const box = { host: "box", port: 22, user: "me", knownHosts: "/k" };

it("a login that ends at once is told apart from a machine that is not reached", () => {
  expect(failureOf(box, "Welcome", false, 3)).toEqual({
    kind: "broken",
    why: "box, port 22, lets us in and ends at once (exit code 3): look at the login's start files there",
  });
  expect(failureOf(box, "Connection reset by peer", false, 255).why).toBe(
    "there was no link: Connection reset by peer",
  );
  expect(failureOf(box, "", true, 0).why).toBe("the link broke");
});
