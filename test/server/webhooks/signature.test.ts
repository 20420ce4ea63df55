/** Deliveries are signed as Standard Webhooks has it. */
import { expect, test } from "vitest";
import { secretProblem, signatureHeaders } from "../../../server/webhooks/signature.js";

test("a delivery is signed as the example of Standard Webhooks is", () => {
  const delivery = {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    at: 1_614_265_330_999,
    body: '{"test": 2432232314}',
  };
  expect(signatureHeaders(delivery, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("a delivery without a secret has an id and a time, and no signature", () => {
  expect(signatureHeaders({ id: "a", at: 1_000, body: "" }, null)).toEqual({
    "webhook-id": "a",
    "webhook-timestamp": "1",
  });
});

test.each([
  ["whsec_not base64", "must have base64 behind whsec_"],
  ["whsec_AAAA", "must have at least 16 bytes"],
  ["fifteen-letters", "must have at least 16 bytes"],
  ["sixteen-letters!", null],
])("the secret %j is looked at before it signs", (secret, problem) => {
  expect(secretProblem(secret)).toBe(problem);
});
