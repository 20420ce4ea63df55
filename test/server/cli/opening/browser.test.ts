import { describe, expect, test } from "vitest";
import { type Machine, openersFor } from "../../../../server/cli/opening/browser.js";

const PAGE = "http://127.0.0.1:4747/w/nightly";
const desktop: Machine = { env: { DISPLAY: ":0" }, platform: "linux", release: "6.1.0-debian" };
const on = (more: Partial<Machine>) => openersFor(PAGE, { ...desktop, ...more });
const programs = (...argvs: string[][]) => ({ kind: "programs", argvs });

describe("what opens an address", () => {
  test("an address is opened by the desktop's own program", () => {
    expect(on({})).toEqual(programs(["xdg-open", PAGE]));
    expect(on({ env: { WAYLAND_DISPLAY: "wayland-0" } })).toEqual(programs(["xdg-open", PAGE]));
    expect(on({ env: {}, platform: "darwin" })).toEqual(programs(["open", PAGE]));
    const windows = programs(["rundll32", "url.dll,FileProtocolHandler", PAGE]);
    expect(on({ env: {}, platform: "win32" })).toEqual(windows);
  });

  test("an address is opened by Windows' browser in its Linux", () => {
    const both = programs(["wslview", PAGE], ["xdg-open", PAGE]);
    expect(on({ env: {}, release: "5.15.90.1-microsoft-standard-WSL2" })).toEqual(both);
    expect(on({ env: { WSL_DISTRO_NAME: "Debian" } })).toEqual(both);
  });

  test("an address is opened by nothing over SSH, and by nothing without a display", () => {
    const ssh = { DISPLAY: "localhost:10.0", SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" };
    expect(on({ env: ssh })).toMatchObject({
      kind: "nowhere",
      why: expect.stringContaining("SSH"),
    });
    expect(on({ env: {} })).toMatchObject({
      kind: "nowhere",
      why: expect.stringContaining("display"),
    });
    expect(on({ env: { DISPLAY: "", WAYLAND_DISPLAY: "" } })).toMatchObject({ kind: "nowhere" });
  });

  test("an address is opened by what BROWSER names, wherever this is", () => {
    const env = { BROWSER: "code-helper", SSH_CONNECTION: "x" };
    expect(on({ env })).toEqual(programs(["code-helper", PAGE]));
    const several = { BROWSER: "firefox --new-window %s: w3m :" };
    expect(on({ env: several })).toEqual(
      programs(["firefox", "--new-window", PAGE], ["w3m", PAGE]),
    );
    expect(on({ env: { BROWSER: "  ", DISPLAY: ":0" } })).toEqual(programs(["xdg-open", PAGE]));
  });

  test("the program that opens an address gets it as one word, whatever is in it", () => {
    const hostile = "http://127.0.0.1:1/w/$(id);$&`x`";
    const opened = openersFor(hostile, { ...desktop, env: { BROWSER: "app %s" } });
    expect(opened).toEqual(programs(["app", hostile]));
  });
});
