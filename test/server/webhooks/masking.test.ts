/** Nothing that a webhook is sent with stands in what is shown of its receiver's answer. */
import { expect, test } from "vitest";
import { maskOf } from "../../../server/webhooks/masking.js";

const login = Buffer.from("ann:pass phrase").toString("base64");
const masked = maskOf({
  url: new URL("https://example.org/services/T0/sec%20ret?key=abc%2Fdef"),
  secret: "0123456789abcdef",
  headers: {
    authorization: "Bearer kept-token",
    "proxy-login": `Basic ${login}`,
    "x-signed": 'keyId="one-key", value=a-value',
    "x-short": "yes",
  },
});

test.each([
  ["the whole of a header", "not Bearer kept-token", "not ***"],
  ["a part of a header", "invalid token kept-token for you", "invalid token *** for you"],
  ["a name for how it is proven is no secret", "Bearer realm=x", "Bearer realm=x"],
  ["a login as it was sent", login, "***"],
  ["a login in plain", "wrong: ann:pass phrase", "wrong: ***"],
  ["the password of a login", "no pass phrase", "no ***"],
  ["words of a header with several", "one-key and a-value", "*** and ***"],
  ["the secret", "key 0123456789abcdef", "key ***"],
  ["the path", "POST /services/T0/sec%20ret?key=abc%2Fdef", "POST ******"],
  ["a part of the path without its escapes", "no sec ret here", "no *** here"],
  ["a value of the query, with escapes and without", "abc/def", "***"],
  ["what is short stays", "yes", "yes"],
  ["anything else", "422: the body has no field", "422: the body has no field"],
])("of an answer %s is hidden or shown as it must be", (_what, answer, shown) => {
  expect(masked(answer)).toBe(shown);
});
