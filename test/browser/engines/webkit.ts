/** Debian's WebKit in a window that nobody sees, driven by WebDriver (https://www.w3.org/TR/webdriver1/). */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PATIENCE_MS } from "../../support/deadline.js";
import { freePort } from "../../support/links/freePort.js";
import type { Engine, EngineTab, Key, RunningEngine } from "./engineTab.js";
import { cut, type Place, readScreen } from "./screen.js";

const DRIVER = "/usr/bin/WebKitWebDriver";
const XVFB = "/usr/bin/Xvfb";
const XVFB_FLAGS = ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"];
/** The name that WebDriver gives an element in JSON. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** The letters that WebDriver has for them. */
const KEYS: Readonly<Record<Key, string>> = { PageUp: "\ue00e", End: "\ue010" };

const browserFile = miniBrowser();

export const WEBKIT: Engine = {
  name: "WebKit",
  missing:
    browserFile !== null && existsSync(DRIVER) && existsSync(XVFB)
      ? null
      : "it is not installed (Debian: apt-get install webkit2gtk-driver xvfb)",
  start: () => startWebKit(browserFile ?? ""),
};

/** Where it is depends on the machine's kind and on WebKit's version. */
function miniBrowser(): string | null {
  for (const kind of namesIn("/usr/lib")) {
    for (const version of namesIn(join("/usr/lib", kind))) {
      const file = join("/usr/lib", kind, version, "MiniBrowser");
      if (version.startsWith("webkit2gtk-4") && existsSync(file)) return file;
    }
  }
  return null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function startWebKit(binary: string): Promise<RunningEngine> {
  const screenFolder = await mkdtemp(join(tmpdir(), "instep-screen-"));
  const screen = spawn(XVFB, [...XVFB_FLAGS, "-fbdir", screenFolder], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const display = `:${(await firstText(screen)).trim()}`;
  const port = await freePort();
  const env = { ...process.env, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: "1" };
  const driver = spawn(DRIVER, [`--port=${port}`, "--host=127.0.0.1"], { stdio: "ignore", env });
  const call = caller(`http://127.0.0.1:${port}`);
  await untilReady(call, driver);
  const options = { binary, args: ["--automation", "--geometry=1280x800"] };
  const { sessionId } = (await call("POST", "/session", {
    capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } },
  })) as { sessionId: string };
  const session = (method: string, path: string, body?: object) =>
    call(method, `/session/${sessionId}${path}`, body);
  return {
    openTab: async () => tabOf(session, join(screenFolder, "Xvfb_screen0")),
    async close() {
      await session("DELETE", "").catch(() => {});
      await ended(driver);
      await ended(screen);
      await rm(screenFolder, { recursive: true, force: true });
    },
  };
}

type Call = (method: string, path: string, body?: object) => Promise<unknown>;

const caller =
  (url: string): Call =>
  async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await answer.json()) as { value: { error?: string; message?: string } };
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error} ${value.message}`);
    return value;
  };

function tabOf(session: Call, frameBuffer: string): EngineTab {
  const find = async (selector: string): Promise<string> => {
    const found = await session("POST", "/element", { using: "css selector", value: selector });
    return (found as Record<string, string>)[ELEMENT] ?? "";
  };
  return {
    goto: async (url) => void (await session("POST", "/url", { url })),
    reload: async () => void (await session("POST", "/refresh", {})),
    read: <Result>(expression: string) =>
      session("POST", "/execute/sync", {
        script: `return (${expression})`,
        args: [],
      }) as Promise<Result>,
    click: async (selector) =>
      void (await session("POST", `/element/${await find(selector)}/click`, {})),
    async press(key) {
      const value = KEYS[key];
      const actions = [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ];
      await session("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
    },
    async picture(selector) {
      const place = (await session("POST", "/execute/sync", {
        script: PLACE_ON_SCREEN,
        args: [selector],
      })) as Place;
      return cut(await readScreen(frameBuffer), place);
    },
  };
}

/** Without a window manager the window stands in the corner, and its own bars are above the page. */
const PLACE_ON_SCREEN = `
  const element = document.querySelector(arguments[0]);
  const { left, top, width, bottom } = element.getBoundingClientRect();
  const bars = window.outerHeight - window.innerHeight;
  const from = Math.max(0, Math.ceil(top));
  return {
    left: Math.ceil(left),
    top: from + bars,
    width: Math.floor(width),
    height: Math.floor(Math.min(bottom, window.innerHeight)) - from,
  };
`;

async function untilReady(call: Call, driver: ChildProcess): Promise<void> {
  while (driver.exitCode === null) {
    const isReady = await call("GET", "/status").then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`WebKitWebDriver ended with ${driver.exitCode} before it was ready`);
}

function firstText(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Xvfb ended with ${code}`)));
    child.stdio[3]?.once("data", (text) => resolve(String(text)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}
