/** Finds the program that opens an address in a browser here, and runs it, never by a shell. */
import { spawn } from "node:child_process";
import { platform, release } from "node:os";
import type { Clock } from "../../../shared/clock.js";
import type { Environment } from "../../runner/variables/environment.js";

/** The programs to try in this order, each with its arguments; or why a browser here would be of no use. */
export type Openers =
  | { readonly kind: "programs"; readonly argvs: readonly (readonly string[])[] }
  | { readonly kind: "nowhere"; readonly why: string };

export interface Machine {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** As `uname -r` says it. */
  readonly release: string;
}

export const thisMachine = (env: Environment): Machine => ({
  env,
  platform: platform(),
  release: release(),
});

export function openersFor(address: string, { env, platform, release }: Machine): Openers {
  // A program that BROWSER names is used even over SSH: an editor's remote terminal hands the address on to the user's own machine.
  const named = namedBrowsers(env.BROWSER ?? "", address);
  if (named.length > 0) return { kind: "programs", argvs: named };
  if (env.SSH_CONNECTION || env.SSH_TTY || env.SSH_CLIENT) {
    return { kind: "nowhere", why: "this is an SSH session, and its browser would be elsewhere" };
  }
  if (platform === "darwin") return { kind: "programs", argvs: [["open", address]] };
  if (platform === "win32") {
    return { kind: "programs", argvs: [["rundll32", "url.dll,FileProtocolHandler", address]] };
  }
  const desktop = ["xdg-open", address];
  if (env.WSL_DISTRO_NAME || /microsoft/i.test(release)) {
    return { kind: "programs", argvs: [["wslview", address], desktop] };
  }
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) {
    return { kind: "nowhere", why: "there is no display here" };
  }
  return { kind: "programs", argvs: [desktop] };
}

/** As other programs read BROWSER: several with colons between them, and `%s` where the address belongs. */
function namedBrowsers(browser: string, address: string): string[][] {
  return browser
    .split(":")
    .map((command) => command.split(/\s+/).filter((word) => word !== ""))
    .filter((words) => words.length > 0)
    .map((words) =>
      words.some((word) => word.includes("%s"))
        ? words.map((word) => word.replaceAll("%s", () => address))
        : [...words, address],
    );
}

/** A program that has not failed by then has opened it; a browser stays for as long as it is used. */
const SOON_MS = 3_000;

/** Null where it was opened; otherwise what became of the last program that was tried. */
export async function openBy(
  argvs: readonly (readonly string[])[],
  clock: Clock,
): Promise<string | null> {
  let why: string | null = null;
  for (const argv of argvs) {
    why = await run(argv, clock);
    if (why === null) return null;
  }
  return why;
}

function run([program = "", ...args]: readonly string[], clock: Clock): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { detached: true, stdio: "ignore" });
    const stopWaiting = clock.after(SOON_MS, () => resolve(null));
    const end = (why: string | null) => {
      stopWaiting();
      resolve(why);
    };
    child.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
      end(code === "ENOENT" ? `there is no ${program}` : `${program} does not start (${code})`);
    });
    child.on("exit", (code, signal) => {
      end(code === 0 ? null : `${program} ended with ${signal ?? `exit code ${code}`}`);
    });
    child.unref();
  });
}
