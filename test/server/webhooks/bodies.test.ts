/** What receivers are told of an event, each in its own words. */
import { expect, test } from "vitest";
import { bodyOf } from "../../../server/webhooks/bodies.js";
import { workflowEvent } from "../../../shared/state/workflowEvent.js";
import { NOW, stateOf } from "../../support/disks/records.js";

const PAGE = "http://127.0.0.1:8080/w/deploy";
const state = stateOf({
  ...{ status: "failed", title: "Deploy <a> & b", start_time: NOW, started_by: "ann" },
  ...{ end_time: "2026-01-01T00:01:30.000Z", error_message: "copy: exit code 3" },
  inputs: { key: "an-input-of-somebody" },
});
const ended = workflowEvent("ended", state, { epoch: "e1", revision: 7 });
const asks = workflowEvent(
  "blocked",
  stateOf({ status: "blocked", block_info: { id: "q", prompt: "Wirklich\nübernehmen?" } }),
  { epoch: "e1", revision: 8 },
);

test("the JSON body has the facts of the event, and no input of the workflow", () => {
  const { body } = bodyOf("json", "e1_7_0", ended, PAGE);
  expect(JSON.parse(body)).toEqual({
    ...{ id: "e1_7_0", type: "ended", workflow_id: "deploy", epoch: "e1", revision: 7 },
    ...{ timestamp: NOW, status: "failed", name: null, title: "Deploy <a> & b", by: "ann" },
    ...{ definition: null, start_time: NOW, end_time: "2026-01-01T00:01:30.000Z" },
    ...{ step: { index: 0, title: "copy" }, steps: 2, error: "copy: exit code 3" },
    ...{ question: null, reason: null, page: PAGE },
  });
  expect(body).not.toContain("an-input-of-somebody");
});

test("Slack gets a text and a block, in which nothing of ours is read as a mark of its own", () => {
  const { text, blocks } = JSON.parse(bodyOf("slack", "x", ended, PAGE).body);
  expect(text).toBe("Deploy &lt;a&gt; &amp; b: failed");
  expect(blocks).toHaveLength(1);
  const [{ type, text: shown }] = blocks;
  expect([type, shown.type]).toEqual(["section", "mrkdwn"]);
  expect(shown.text).toMatch(/^\*Deploy &lt;a&gt; &amp; b: failed\*\ncopy: exit code 3\n/);
  expect(shown.text).toMatch(
    /Took 1m 30s\nStarted by ann\n<http:\/\/127.0.0.1:8080\/w\/deploy\|Open>$/,
  );
});

test("a text for Slack stays within what a block takes, and no entity is cut", () => {
  const long = { ...ended, error: "&".repeat(300), question: "<".repeat(1_000) };
  const { blocks } = JSON.parse(bodyOf("slack", "x", long, PAGE).body);
  const text: string = blocks[0].text.text;
  expect(text.length).toBeLessThan(3_000);
  expect(text.replaceAll(/&(amp|lt|gt);/g, "")).not.toMatch(/[&]/);
  const marks = JSON.parse(bodyOf("slack", "x", { ...ended, title: "*bold* `x`" }, null).body);
  expect(marks.blocks[0].text.text).not.toContain("*bold*");
});

test("ntfy gets headers of its own, and a title beyond ASCII as headers have it", () => {
  const told = bodyOf("ntfy", "x", { ...asks, title: "Übernahme" }, PAGE);
  expect(told.body).toMatch(/^Wirklich übernehmen\?\nStep 1 of 2: copy/);
  expect(told.headers).toMatchObject({ priority: "4", tags: "question", click: PAGE });
  expect(told.headers.title).toMatch(/^=\?UTF-8\?B\?/);
  const title = Buffer.from(told.headers.title!.slice(10, -2), "base64").toString();
  expect(title).toBe("Übernahme: waits for an answer");
});
