/** Set-up of the tests with real servers: what each of them answers to `fetch` fits the OpenAPI document, and what sockets heard fits the AsyncAPI one. */
import { afterEach, expect } from "vitest";
import { takeFaults } from "./faults.js";

const plain = globalThis.fetch;

/** Of answers of ours: those of programs around us, and of what tests put in our place, are none. */
const isOurs = ({ headers }: Response): boolean =>
  headers.get("content-security-policy")?.startsWith("default-src 'none';script-src 'self'") ??
  false;

globalThis.fetch = async (input, init) => {
  const answer = await plain(input, init);
  const asked = input instanceof Request ? input : null;
  if (!isOurs(answer)) return answer;
  // Where nobody asks a server, nothing is loaded.
  const { hearAnswer, pathOf } = await import("./contract.js");
  const path = pathOf(new URL(answer.url || String(asked?.url ?? input)).pathname);
  if (path === null) return answer;
  const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
  const isRead = isJson && answer.body !== null;
  const text = isRead
    ? await answer
        .clone()
        .text()
        .catch(() => null)
    : null;
  hearAnswer({
    method: (init?.method ?? asked?.method ?? "GET").toUpperCase(),
    path,
    status: answer.status,
    header: (name) => answer.headers.get(name),
    text,
  });
  return answer;
};

afterEach(() => {
  expect(takeFaults(), "what was heard is in the documents for machines").toEqual([]);
});
