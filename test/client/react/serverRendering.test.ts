/** Where a server renders, the hooks open nothing and claim nothing. */
import { createElement as h } from "react";
import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";
import {
  InstepProvider,
  useConnection,
  useLog,
  useWorkflow,
  useWorkflows,
} from "../../../client/react/index.js";

it("a page that a server renders says that it is loading, fetches nothing and opens no socket", () => {
  const opened: string[] = [];
  const never = () => {
    opened.push("fetch");
    return Promise.reject(new Error("asked"));
  };
  class Socket {
    constructor() {
      opened.push("socket");
    }
  }
  const Page = () => {
    const phases = [useWorkflow("w"), useWorkflows(), useConnection()].map(({ phase }) => phase);
    return h("p", null, [...phases, useLog("w", 0).text === "" ? "no log" : "log"].join(" "));
  };
  // Without an address, too: it is the browser that knows it.
  for (const url of ["http://instep.test/mount", undefined]) {
    const options = { url, fetch: never, WebSocket: Socket as never };
    const html = renderToString(h(InstepProvider, options, h(Page)));
    expect(html).toBe("<p>loading loading idle no log</p>");
  }
  expect(opened).toEqual([]);
});
