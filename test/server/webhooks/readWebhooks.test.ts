/** Which webhooks are taken from settings and programs, and which from a recipe: the same, and in the same words. */
import { describe, expect, test } from "vitest";
import { parseDefinition } from "../../../server/runner/definition/file/definitionFile.js";
import { placedIn, readWebhooks } from "../../../server/webhooks/readWebhooks.js";

const URL_OF = "https://example.org/hook";
const read = (given: unknown) => readWebhooks(given, { plainSecrets: false });
const inRecipe = (webhooks: unknown) =>
  parseDefinition(
    `name: a\nwebhooks: ${JSON.stringify(webhooks)}\nsteps: [{ action: a, run: echo }]\n`,
    "a.yaml",
  );

const FULL = {
  ...{ url: { env: "HOOK_URL" }, name: "team", events: ["ended"], secret: { file: "secret" } },
  ...{ format: "ntfy", headers: { "X-A": "b", Authorization: { env: "AUTH" } } },
  allow_private: true,
};

describe("a webhook that can be used", () => {
  test("a url alone is a webhook that is told of everything as JSON, and is called by its host", () => {
    const expected = {
      ...{ name: "example.org", url: URL_OF, events: ["ended", "blocked", "interrupted"] },
      ...{ format: "json", headers: {}, allowPrivate: false },
    };
    expect(read([{ url: URL_OF }])).toEqual([expected]);
    expect(inRecipe([{ url: URL_OF }]).webhooks).toEqual([expected]);
  });

  test("everything about a webhook can be said, in a recipe as in the settings", () => {
    const { allow_private, ...rest } = FULL;
    expect(read([FULL])).toEqual([{ ...rest, allowPrivate: allow_private }]);
    expect(inRecipe([FULL]).webhooks).toEqual([{ ...rest, allowPrivate: allow_private }]);
  });

  test("the files of a webhook are found from anywhere once it has been read", () => {
    const [placed] = placedIn("/etc/instep", read([FULL]));
    expect(placed).toMatchObject({
      secret: { file: "/etc/instep/secret" },
      url: { env: "HOOK_URL" },
    });
    expect(read([placed])).toEqual([
      { ...read([FULL])[0], secret: { file: "/etc/instep/secret" } },
    ]);
  });

  test("a program may bring a secret itself, and a workflow's id may have stars", () => {
    const given = [{ url: URL_OF, secret: "a-secret-of-a-program", workflows: ["nightly-*"] }];
    expect(readWebhooks(given, { plainSecrets: true })).toMatchObject(given);
  });
});

test.each([
  ["a webhook", "must be a list of webhooks"],
  [["a"], "entry 1: must be a webhook: `url`, and what goes with it"],
  [[{}], "entry 1: url is required"],
  [[{ url: URL_OF, urls: 1 }], "entry 1: urls: no such field; did you mean url?"],
  [[{ url: "ftp://a" }], "entry 1: url must be an address that begins with https:// (or http://)"],
  [
    [{ url: "http://a" }],
    "entry 1: url must be https: http is for private addresses, with allow_private: true",
  ],
  [
    [{ url: "https://me:pass@a/" }],
    "entry 1: url must not have a user in it: give the header Authorization",
  ],
  [
    [{ url: URL_OF, secret: "plain" }],
    "entry 1: secret must be {env: NAME} or {file: path}: it does not stand here itself",
  ],
  [
    [{ url: URL_OF, secret: { env: "a b" } }],
    "entry 1: secret must be text, {env: NAME} or {file: path}",
  ],
  [
    [{ url: URL_OF, events: ["done"] }],
    "entry 1: events must be a list out of ended, blocked, interrupted",
  ],
  [[{ url: URL_OF, format: "xml" }], "entry 1: format must be one of json, slack, ntfy"],
  [
    [{ url: URL_OF, headers: { Host: "b" } }],
    "entry 1: headers.Host is a header that Instep sends itself",
  ],
  [[{ url: URL_OF, headers: { "A B": "b" } }], "entry 1: headers.A B is no name of a header"],
  [
    [{ url: URL_OF, headers: { A: "b\r\nC: d" } }],
    "entry 1: headers.A must be visible ASCII, in one line",
  ],
  [
    [{ url: URL_OF, headers: { A: 1 } }],
    "entry 1: headers.A must be text, {env: NAME} or {file: path}",
  ],
  [
    [{ url: URL_OF, workflows: ["a b"] }],
    "entry 1: workflows must be a workflow's id, with or without *",
  ],
  [[{ url: URL_OF, allow_private: "yes" }], "entry 1: allow_private must be true or false"],
  [
    [{ url: URL_OF }, { url: URL_OF }],
    "entry 2: name: there is another one called example.org: give each a `name`",
  ],
  [Array(21).fill({ url: URL_OF }), "must not be more than 20"],
])("%j is refused by the name of its field", (given, why) => {
  expect(() => read(given)).toThrow(why);
});

test.each([
  [[{ url: "http://a" }], "webhooks: entry 1: url: must be https"],
  [
    [{ url: URL_OF, secret: "plain" }],
    "webhooks: entry 1: secret: must be {env: NAME} or {file: path}",
  ],
  [[{ url: URL_OF, headers: { Host: "b" } }], "is a header that Instep sends itself"],
  [[{ url: URL_OF, headers: { A: "b\r\nC: d" } }], "must be visible ASCII, in one line"],
  [[{ url: URL_OF, workflows: ["a"] }], "no such field"],
  [[{ url: URL_OF }, { url: URL_OF }], "there is another one called example.org"],
  [[], "must not be empty"],
])("in a recipe %j is refused, too", (given, why) => {
  expect(() => inRecipe(given)).toThrow(why);
});

test("no refusal says a secret back", () => {
  const key = "key-that-nobody-may-read";
  for (const given of [
    { url: `https://a:${key}@b/` },
    { url: `ftp://a/${key}` },
    { url: URL_OF, secret: key },
    { url: URL_OF, headers: { A: `${key}\n` } },
  ]) {
    expect(() => read([given])).toThrow(/./);
    try {
      read([given]);
    } catch (error) {
      expect((error as Error).message).not.toContain(key);
    }
  }
});
