/** An accepted state is kept as it was sent; a value that JavaScript could only keep changed is refused by its name, at both doors. */
import { describe, expect } from "vitest";
import { liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";

/** The place of the value in the state, the text of the state, and the path that a refusal names. */
const CHANGED: readonly (readonly [string, string])[] = [
  ['{"workflow_id":"w","n":12345678901234567890}', "n"],
  ['{"workflow_id":"w","data":{"list":[1,"2,[{",{"deep":-1e400}]}}', "data.list.2.deep"],
  [
    '{"workflow_id":"w","steps":[{"action":"a","progress":0.1234567890123456789}]}',
    "steps.0.progress",
  ],
  ['{"workflow_id":"w","tiny":1e-400}', "tiny"],
  ['{"workflow_id":"w","a\\"b":[ 1 , 9007199254740993 ]}', 'a"b.1'],
  ['{"workflow_id":"w","current_step":1e999}', "current_step"],
  ['{"workflow_id":"w","name":"one","name":"two"}', "name"],
  ['{"workflow_id":"w","data":[{},{"x":{"a":1,"b":2,"\\u0061":3}}]}', "data.1.x.a"],
  ['{"workflow_id":"w","steps":[{"action":"a"}],"steps":[]}', "steps"],
  ['{"workflow_id":"v","workflow_id":"w"}', "workflow_id"],
  ['{"workflow_id":"w","data":{"":1,"":2}}', "data."],
  ['{"workflow_id":"w","name":"half \\ud83d"}', "name"],
  ['{"workflow_id":"w","list":["\\udC00"]}', "list.0"],
  ['{"workflow_id":"w","data":{"\\uDBFF":1}}', "data.\ud83d".slice(0, 5)],
];

describe("a value that would be changed", () => {
  liveTest(
    "a value that would be changed is refused by its place over REST, and nothing is saved",
    async ({ serve }) => {
      const server = await serve();
      for (const [body, path] of CHANGED) {
        const answer = await server.call("POST", STATE, { body });
        expect([body, answer.status, answer.body.code]).toEqual([body, 400, "bad_message"]);
        expect(answer.body.errors).toHaveLength(1);
        expect(answer.body.errors[0]?.path.startsWith(path)).toBe(true);
      }
      expect((await server.get()).body.state).toBeNull();
    },
  );

  liveTest(
    "a value that would be changed is refused by its place over the socket, which lives on",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab();
      for (const [state, path] of CHANGED) {
        const command = `{"kind":"save","state":${state}}`;
        tab.send(`{"type":"propose","request_id":"r","command":${command}}`);
        const refused = await tab.take("refused");
        expect(refused).toMatchObject({ code: "bad_message", request_id: "r" });
        expect(refused.errors?.[0]?.path.startsWith(`command.state.${path}`)).toBe(true);
      }
      tab.send('{"type":"ping","type":"ping"}');
      expect(await tab.take("refused")).toMatchObject({ errors: [{ path: "type" }] });
      tab.send('{"type":"subscribe","workflow_id":"w","last":{"epoch":"e","revision":1e400}}');
      expect(await tab.take("refused")).toMatchObject({ errors: [{ path: "last.revision" }] });
      expect((await server.get()).body.state).toBeNull();
    },
  );

  liveTest(
    "a value that would be changed in a part of a step or an answer is refused as well",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "w", steps: [{ action: "a" }] });
      const calls: readonly (readonly [string, string, string, string])[] = [
        ["PATCH", STATE, '{"n":1e400}', "n"],
        ["PATCH", `${STATE}/steps/0`, '{"data":{"n":1e400}}', "data.n"],
        ["POST", "/workflow/answer", '{"answer":{"n":12345678901234567890}}', "answer.n"],
        ["POST", "/workflow/resume", '{"answer":{"n":12345678901234567890}}', "answer.n"],
        ["POST", "/workflow/start", '{"name":"x","inputs":{"n":1,"n":2}}', "inputs.n"],
        ["POST", "/workflow/clear", '{"workflow_id":"v","workflow_id":"w"}', "workflow_id"],
      ];
      for (const [method, path, body, place] of calls) {
        const answer = await server.call(method, path, { body });
        expect([path, answer.status, answer.body.errors[0]?.path]).toEqual([path, 400, place]);
      }
      expect((await server.get()).body.revision).toBe(1);
    },
  );

  liveTest(
    "a value that would be changed is named in few words, however long its keys",
    async ({ serve }) => {
      const server = await serve();
      const body = `{"${"k".repeat(500_000)}":{"${"l".repeat(400_000)}":1e400}}`;
      const answer = await server.call("POST", STATE, { body });
      expect(answer.status).toBe(400);
      expect(answer.text.length).toBeLessThan(3_000);
    },
  );
});

describe("a value that is kept", () => {
  const NUMBERS =
    "[0,-1,1.0,1.50,1E5,1e22,1e23,0.1,0.30000000000000004,0.10000000000000001,9007199254740991,5e-324,1.7976931348623157e308,-0]";

  liveTest(
    "a value that is kept comes back as the same value, at both doors and from the disk",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab();
      tab.subscribe("w");
      await tab.take("closed");
      tab.subscribe("current");
      await tab.take("current");
      await server.call("POST", STATE, { body: `{"workflow_id":"w","n":${NUMBERS}}` });
      await tab.take("current");
      const seen = await tab.take("snapshot");
      const sent = JSON.parse(NUMBERS.replace("-0]", "0]"));
      expect(seen.state).toMatchObject({ n: sent });
      await server.restart();
      expect((await server.get()).body.state).toMatchObject({ n: sent });
    },
  );

  liveTest(
    "text of every kind, and the same key in different objects, is kept as it was sent",
    async ({ serve }) => {
      const server = await serve();
      const state = {
        workflow_id: "w",
        list: [{ a: 1 }, { a: 2, b: { a: 3 } }],
        text: '😀 \u0000 "{:1e400,"a":1,"a":1}" \\',
        "": { "": [{ "": 1 }] },
        "1": { "1": 1 },
      };
      await server.saved(state);
      expect((await server.get()).body.state).toMatchObject(state);
      const escaped = '{"workflow_id":"v","text":"\\ud83d\\ude00 \\u00e9 \\"\\\\"}';
      expect((await server.call("POST", STATE, { body: escaped })).status).toBe(200);
      expect((await server.get()).body.state).toMatchObject({ text: '😀 é "\\' });
      const marked = `\ufeff{"workflow_id":"u","text":"with a mark at its start"}`;
      expect((await server.call("POST", STATE, { body: marked })).status).toBe(200);
    },
  );
});
