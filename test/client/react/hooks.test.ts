// @vitest-environment happy-dom
/** The React hooks show the client's views: in StrictMode, over changes of what they follow, and until they are gone. */
import {
  Activity,
  Component,
  createElement as h,
  type ReactNode,
  StrictMode,
  startTransition,
  useState,
} from "react";
import { describe, expect, it } from "vitest";
import type { View } from "../../../client/index.js";
import {
  ClientMissing,
  InstepProvider,
  useClient,
  useConnection,
  useLog,
  useWorkflow,
  useWorkflows,
} from "../../../client/react/index.js";
import { changedOf, fakeClient, snapshotOf } from "../../support/links/fakeClient.js";
import { fakeSockets } from "../../support/links/fakeSockets.js";
import { mount } from "./mounted.js";

const told = ({ phase, workflow_id, position, state, closed, problem }: View) =>
  [phase, workflow_id, position?.revision, state?.title, closed, problem].filter(Boolean).join(" ");

const Workflow = ({ id }: { id: string }) => h("p", null, `[${told(useWorkflow(id))}]`);

const Link = () => {
  const { phase, why } = useConnection();
  return h("p", null, `<${[phase, why].filter(Boolean).join(" ")}>`);
};

/** A provider's own client, with sockets of the test. */
function own(children: ReactNode, more: { token?: string } = {}) {
  const sockets = fakeSockets();
  const options = { url: "http://instep.test/mount", WebSocket: sockets.WebSocket };
  const page = (inner: ReactNode, changed = more) =>
    h(InstepProvider, { ...options, ...changed }, inner);
  return { sockets, page, first: page(children) };
}

describe("a followed workflow", () => {
  it("a component shows the state as it comes, and never an old one as live", async () => {
    const { client, sockets, clock } = fakeClient();
    const page = await mount(h(InstepProvider, { client }, h(Workflow, { id: "w" }), h(Link)));
    expect(page.text).toBe("[loading w]<connecting>");
    const socket = sockets.newest;
    await page.after(() => socket.hello());
    await page.after(() => socket.says(snapshotOf("w", 1)));
    await page.after(() => socket.says(changedOf("w", 1, "T")));
    expect(page.text).toBe("[live w 2 T]<live>");
    await page.after(() => socket.says({ type: "stale", since: new Date(0).toISOString() }));
    expect(page.text).toBe("[stale w 2 T]<live>");
    await page.after(() => socket.says({ type: "stale", since: null }));
    await page.after(() => socket.breaks());
    expect(page.text).toBe("[stale w 2 T]<waiting>");
    await page.after(() => clock.advance(10_000));
    await page.after(() => sockets.newest.hello());
    const gone = { type: "closed", workflow_id: "w", epoch: "e1", revision: 2, reason: "cleared" };
    await page.after(() => sockets.newest.says(gone));
    expect(page.text).toBe("[closed w 2 T cleared]<live>");
    await page.after(() => client.close());
    expect(page.text).toContain("<stopped asked>");
    await page.unmount();
  });

  it("a component that changes its subject shows nothing of the one before", async () => {
    const { client, sockets } = fakeClient();
    const showing = (id: string) => h(InstepProvider, { client }, h(Workflow, { id }));
    const page = await mount(showing("w"));
    const socket = sockets.newest;
    await page.after(() => socket.hello().says(snapshotOf("w", 1, { title: "W" })));
    await page.draw(showing("v"));
    expect(page.text).toBe("[loading v]");
    expect(socket.sentOf("unsubscribe").map(({ workflow_id }) => workflow_id)).toEqual(["w"]);
    await page.after(() => socket.says(snapshotOf("v", 3)).says(changedOf("w", 1, "late")));
    expect(page.text).toBe("[live v 3]");
    await page.draw(showing("w"));
    expect(page.text).toBe("[stale w 1 W]");
    await page.unmount();
    client.close();
  });

  it("current moves with the server, and the list is followed beside it", async () => {
    const { client, sockets } = fakeClient();
    const List = () => {
      const { list } = useWorkflows();
      return h(
        "p",
        null,
        list
          ? Object.values(list.workflows)
              .map((one) => one.workflow_id)
              .join()
          : "no list",
      );
    };
    const page = await mount(
      h(InstepProvider, { client }, h(Workflow, { id: "current" }), h(List)),
    );
    const socket = sockets.newest;
    await page.after(() => socket.hello().says({ type: "current", workflow_id: null }));
    expect(page.text).toBe("[live]no list");
    const line = (workflow_id: string) => ({ workflow_id, status: "running" });
    const list = { ...snapshotOf("*", 1), state: { workflows: { e1: line("v"), e2: line("w") } } };
    await page.after(() => socket.says(list));
    await page.after(() => socket.says({ type: "current", workflow_id: "w" }));
    await page.after(() => socket.says(snapshotOf("w", 1)));
    expect(page.text).toBe("[live w 1]v,w");
    await page.unmount();
    client.close();
  });

  it("more subjects than a client keeps for nobody are drawn without end or error", async () => {
    const { client, sockets } = fakeClient();
    const ids = Array.from({ length: 60 }, (_, at) => `w${at}`);
    const page = await mount(
      h(
        StrictMode,
        null,
        h(InstepProvider, { client }, ...ids.map((id) => h(Workflow, { id, key: id }))),
      ),
    );
    await page.after(() => sockets.newest.hello());
    await page.after(() => {
      for (const id of ids) sockets.newest.says(snapshotOf(id, 1));
    });
    expect(page.text).toBe(ids.map((id) => `[live ${id} 1]`).join(""));
    await page.unmount();
    client.close();
  });
});

describe("no tearing", () => {
  it("components that are drawn in a transition show one moment, whatever comes meanwhile", async () => {
    const { client, sockets } = fakeClient();
    let show = (_many: boolean) => {};
    const seen: string[] = [];
    const Rows = () => {
      const [isMany, setMany] = useState(false);
      show = setMany;
      return isMany ? [...Array(20).keys()].map((key) => h(Row, { key })) : h("p", null, "none");
    };
    let drawn = 0;
    const Row = () => {
      drawn += 1;
      // Between two rows of one picture a change comes, as a socket may bring it.
      if (drawn === 7) sockets.newest.says(changedOf("w", 1, "new"));
      return h("i", null, `${useWorkflow("w").position?.revision},`);
    };
    const page = await mount(h(InstepProvider, { client }, h(Workflow, { id: "w" }), h(Rows)));
    await page.after(() => sockets.newest.hello().says(snapshotOf("w", 1)));
    const observer = new MutationObserver(() => seen.push(page.text));
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    await page.after(() => startTransition(() => show(true)));
    observer.disconnect();
    const revisions = (text: string) => new Set(text.match(/\d(?=,)/g) ?? []);
    expect(page.text).toContain("2,".repeat(20));
    for (const text of seen) expect([...revisions(text)].length).toBeLessThan(2);
    await page.unmount();
    client.close();
  });
});

describe("a provider", () => {
  it("a provider without a client opens one socket for all below it, in StrictMode too, and closes it when it goes", async () => {
    const { sockets, first } = own([h(Workflow, { id: "w", key: 1 }), h(Link, { key: 2 })]);
    const page = await mount(h(StrictMode, null, first));
    expect(sockets.all.length).toBe(1);
    await page.after(() => sockets.newest.hello().says(snapshotOf("w", 1)));
    expect(page.text).toBe("[live w 1]<live>");
    await page.unmount();
    expect(sockets.newest.closedWith).toBeDefined();
    expect(sockets.all.length).toBe(1);
    expect(sockets.newest.listeners).toBe(0);
  });

  it("a provider keeps its client while its address stays, and takes another one for another token", async () => {
    const { sockets, page: drawn, first } = own(h(Workflow, { id: "w" }));
    const page = await mount(first);
    await page.after(() => sockets.newest.hello().says(snapshotOf("w", 1)));
    await page.draw(drawn(h(Workflow, { id: "w" })));
    expect(sockets.all.length).toBe(1);
    await page.draw(drawn(h(Workflow, { id: "w" }), { token: "t" }));
    expect(page.text).toBe("[loading w]");
    expect(sockets.all.map(({ closedWith }) => closedWith !== undefined)).toEqual([true, false]);
    await page.unmount();
    expect(sockets.all.every(({ closedWith }) => closedWith !== undefined)).toBe(true);
  });

  it("a provider that is hidden leaves nothing open, and is live again when it is shown", async () => {
    const { sockets, first } = own(h(Workflow, { id: "w" }));
    const shown = (mode: "visible" | "hidden") => h(Activity, { mode, children: first });
    const page = await mount(shown("visible"));
    await page.after(() => sockets.newest.hello().says(snapshotOf("w", 1)));
    await page.draw(shown("hidden"));
    expect(sockets.all.map(({ closedWith }) => closedWith !== undefined)).toEqual([true]);
    await page.draw(shown("visible"));
    expect(sockets.all.length).toBe(2);
    await page.after(() => sockets.newest.hello().says(snapshotOf("w", 5)));
    expect(page.text).toBe("[live w 5]");
    await page.unmount();
    expect(sockets.newest.closedWith).toBeDefined();
  });

  it("a client that a provider was given is left open, and is what useClient gives", async () => {
    const { client, sockets } = fakeClient();
    let found: unknown;
    const Finder = () => {
      found = useClient();
      return null;
    };
    const page = await mount(h(InstepProvider, { client }, h(Finder), h(Workflow, { id: "w" })));
    await page.after(() => sockets.newest.hello());
    await page.unmount();
    expect(found).toBe(client);
    expect(sockets.newest.closedWith).toBeUndefined();
    expect(sockets.newest.sentOf("unsubscribe").length).toBe(1);
    client.close();
  });

  it("a hook below no provider says in a sentence what is missing", async () => {
    class Guard extends Component<{ children: ReactNode }> {
      static getDerivedStateFromError = (error: Error) => ({ error });
      override state: { error?: Error } = {};
      override render() {
        return this.state.error ? this.state.error.message : this.props.children;
      }
    }
    const page = await mount(h(Guard, null, h(Workflow, { id: "w" })));
    expect(page.text).toBe(new ClientMissing().message);
    await page.unmount();
  });
});

describe("a followed output", () => {
  const Log = () => {
    const { attempt, text, isWhole, end, away } = useLog("w", 0, { tail: 16 });
    return h("p", null, JSON.stringify([attempt, text, isWhole, end?.reason, away?.node]));
  };
  const frame = (attempt: number, from: number, text: string) => ({
    ...{ type: "log", workflow_id: "w", step: 0, attempt, from },
    ...{ next: from + text.length, text },
  });

  it("a component shows each byte once, within its bound, and begins anew with each attempt", async () => {
    const { client, sockets } = fakeClient();
    const page = await mount(h(StrictMode, null, h(InstepProvider, { client }, h(Log))));
    const shows = () => JSON.parse(page.text);
    expect(shows()).toEqual([null, "", true, null, null]);
    const socket = sockets.newest;
    await page.after(() => socket.hello());
    await page.after(() => socket.says(frame(1, 0, "one\n")));
    await page.after(() => socket.says(frame(1, 4, "two\n")));
    expect(shows()).toEqual([1, "one\ntwo\n", true, null, null]);
    await page.after(() => socket.says(frame(1, 8, "a long line that is cut\nlast\n")));
    expect(shows()).toEqual([1, "last\n", false, null, null]);
    await page.after(() => socket.says(frame(2, 0, "again\n")));
    expect(shows()).toEqual([2, "again\n", true, null, null]);
    await page.unmount();
    expect(socket.sentOf("unfollow_log").length).toBeGreaterThan(0);
    client.close();
  });
});
