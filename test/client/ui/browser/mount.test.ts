/** Addresses of the page: every route has one, and every address leads somewhere. */
import { describe, expect, it } from "vitest";
import { createMount, type Route } from "../../../../client/ui/browser/mount.js";

const mount = createMount("http://host/instep/");
const routeOf = (path: string): Route => mount.routeOf(new URL(path, "http://host/"));

describe("an address", () => {
  const routes: readonly (readonly [string, Route])[] = [
    ["/instep/", { name: "list" }],
    ["/instep/?status=running&q=de+ploy", { name: "list", status: "running", q: "de ploy" }],
    ["/instep/start", { name: "start" }],
    ["/instep/start/gpu-setup", { name: "start", definition: "gpu-setup" }],
    ["/instep/start/backup?like=wf_1", { name: "start", definition: "backup", like: "wf_1" }],
    ["/instep/w/wf_1", { name: "workflow", workflow_id: "wf_1" }],
    ["/instep/w/a%3Ab", { name: "workflow", workflow_id: "a:b" }],
    [
      "/instep/w/wf_1?step=copy&attempt=2#L120-L128",
      {
        name: "workflow",
        workflow_id: "wf_1",
        step: "copy",
        attempt: 2,
        lines: { from: 120, to: 128 },
      },
    ],
    [
      "/instep/w/wf_1?step=0#L7",
      { name: "workflow", workflow_id: "wf_1", step: "0", lines: { from: 7, to: 7 } },
    ],
  ];
  it.each(routes)("%s is the address of its route, and leads to it", (address, route) => {
    expect(routeOf(address)).toEqual(route);
    expect(mount.addressOf(route)).toBe(address);
  });

  it.each([
    ["/instep/w/", { name: "list" }],
    ["/instep/elsewhere", { name: "list" }],
    ["/instep/w/%E0%A4%A", { name: "workflow", workflow_id: "%E0%A4%A" }],
    ["/instep/w/a?attempt=-1#L0", { name: "workflow", workflow_id: "a" }],
    ["/instep/w/a?attempt=1e9#Lx", { name: "workflow", workflow_id: "a" }],
    ["/instep/w/a#L9-L3", { name: "workflow", workflow_id: "a", lines: { from: 3, to: 9 } }],
    ["/instep/?status=&q=", { name: "list" }],
  ])("%s leads somewhere, too", (address, route) => {
    expect(routeOf(address)).toEqual(route);
  });
});
