/** What the tests need beside npm's packages: browsers, an SSH server, rsync, etcd and proxies. Installed where that can be done, otherwise named. */
import * as fs from "node:fs";
import { find, run, SetupError, say } from "./tools.mjs";

const DEBIAN_CHROMIUM = "/usr/bin/chromium";
/** On many machines these are on root's PATH only. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/usr/local/sbin"];
/** Debian's packages, and the command each is wanted for. */
const SSH_PACKAGES = { "openssh-client": "ssh", "openssh-server": "sshd", rsync: "rsync" };

/** Asked by whatever would start a service of a package: 101 forbids it. */
const POLICY = "/usr/sbin/policy-rc.d";
const POLICY_TEXT = `#!/bin/sh
# Of the set-up of Instep's tests, for as long as it installs a server. Left behind? Remove it.
exit 101
`;

/** Small shell and programs of other machines: the tests of commands that outlive the server try it where it is there. */
const OTHER_SHELL = "busybox";

/** The tests of a cluster start members of their own, and take backups of them; they are left out where these are not there. */
const ETCD = { packages: ["etcd-server", "etcd-client"], commands: ["etcd", "etcdctl"] };

/** The recipes for proxies are tried with them: processes of the tests, with files and ports of their own. */
const PROXIES = ["nginx", "caddy", "haproxy"];

/** Beside Chromium: their tests are left out where they are not there, and say so. */
const OTHER_BROWSERS = {
  "firefox-esr": "firefox-esr",
  "webkit2gtk-driver": "WebKitWebDriver",
  xvfb: "Xvfb",
};

export async function provideForTests() {
  await provideChromium();
  await provideSsh();
  await provideOtherShell();
  await provideEtcd();
  await provideProxies();
  await provideOtherBrowsers();
}

async function provideChromium() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (fs.existsSync(chosen)) return;
    throw new SetupError(
      `The tests need Chromium, and CHROMIUM_PATH names ${chosen}, which does not exist.`,
    );
  }
  if (fs.existsSync(DEBIAN_CHROMIUM)) return;
  if (!canInstall()) {
    throw new SetupError(
      "The tests need Chromium: install it (Debian: sudo apt-get install chromium fonts-dejavu-core), or set CHROMIUM_PATH to the browser you have.",
    );
  }
  say("Installing Chromium for the tests (only this once)...");
  await install("Chromium could not be installed", ["chromium", "fonts-dejavu-core"]);
}

async function provideOtherBrowsers() {
  const missing = Object.keys(OTHER_BROWSERS).filter((name) => !isThere(OTHER_BROWSERS[name]));
  if (missing.length === 0) return;
  const names = missing.join(", ");
  const leftOut = `The tests in Firefox and WebKit are left out where these are missing: ${names}`;
  if (!canInstall()) {
    say(`${leftOut} (Debian: sudo apt-get install ${missing.join(" ")}).`);
    return;
  }
  say(`Installing ${names} for the tests (only this once)...`);
  try {
    await install(`${names} could not be installed`, missing);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${error.message} ${leftOut}.`);
  }
}

/** The SSH example is tested against a server that the tests start and end themselves. */
async function provideSsh() {
  const missing = Object.keys(SSH_PACKAGES).filter((name) => !isThere(SSH_PACKAGES[name]));
  if (missing.length === 0) return;
  const names = missing.join(" and ");
  if (!canInstall()) {
    throw new SetupError(
      `The tests of the SSH example need ${names}: install what is missing (Debian: sudo apt-get install ${missing.join(" ")}). No SSH server has to run: the tests start one of their own.`,
    );
  }
  say(`Installing ${names} for the tests (only this once)...`);
  const why = `${names} could not be installed`;
  if (!missing.includes("openssh-server")) return install(why, missing);
  await withoutStarting(() => install(why, missing));
  await keepFromStarting("openssh-server", "ssh");
}

async function provideEtcd() {
  if (ETCD.commands.every(isThere)) return;
  const names = ETCD.packages.join(" and ");
  const leftOut = "The tests with etcd are left out";
  if (!canInstall()) {
    say(`${leftOut} (Debian: sudo apt-get install ${ETCD.packages.join(" ")}).`);
    return;
  }
  say(`Installing ${names} for the tests (only this once)...`);
  try {
    const why = `${names} could not be installed`;
    await withoutStarting(() => install(why, ETCD.packages));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${leftOut}: ${error.message}`);
    return;
  }
  await keepFromStarting(ETCD.packages[0], "etcd");
}

async function provideProxies() {
  const missing = PROXIES.filter((name) => !isThere(name));
  if (missing.length === 0) return;
  const names = missing.join(", ");
  const leftOut = `The tests behind ${names} are left out`;
  if (!canInstall()) {
    say(`${leftOut} (Debian: sudo apt-get install ${missing.join(" ")}).`);
    return;
  }
  say(`Installing ${names} for the tests (only this once)...`);
  try {
    await withoutStarting(() => install(`${names} could not be installed`, missing));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${leftOut}: ${error.message}`);
    return;
  }
  for (const name of missing) await keepFromStarting(name, name);
}

async function provideOtherShell() {
  if (isThere(OTHER_SHELL)) return;
  if (!canInstall()) {
    say(
      `The tests with ${OTHER_SHELL} as the shell are left out (Debian: sudo apt-get install ${OTHER_SHELL}).`,
    );
    return;
  }
  try {
    await install(`${OTHER_SHELL} could not be installed`, [OTHER_SHELL]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`The tests with ${OTHER_SHELL} as the shell are left out: ${error.message}`);
  }
}

const isThere = (command) => find(command, SYSTEM_FOLDERS) !== null;

const canInstall = () => process.getuid?.() === 0 && find("apt-get") !== null;

async function install(why, packages) {
  await run(why, "apt-get", ["update"]);
  await run(why, "apt-get", ["install", "-y", "--no-install-recommends", ...packages], {
    DEBIAN_FRONTEND: "noninteractive",
  });
}

/** Debian starts a service as soon as it is installed: nobody asked for a server that listens on this machine. */
async function withoutStarting(work) {
  // A machine with a policy of its own keeps it, but for one that a killed set-up left.
  const isOurs = !fs.existsSync(POLICY) || fs.readFileSync(POLICY, "utf8") === POLICY_TEXT;
  if (!isOurs) return work();
  const remove = () => fs.rmSync(POLICY, { force: true });
  const stop = () => process.exit(1);
  process.on("exit", remove);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  fs.writeFileSync(POLICY, POLICY_TEXT, { mode: 0o755 });
  try {
    await work();
  } finally {
    remove();
    process.off("exit", remove);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, stop);
  }
}

/** Nor when the machine starts the next time. */
async function keepFromStarting(name, service) {
  if (find("systemctl") === null) return;
  const isRunning = fs.existsSync("/run/systemd/system");
  try {
    const words = ["disable", ...(isRunning ? ["--now"] : []), `${service}.service`];
    await run("", "systemctl", words);
  } catch {
    say(
      `${name} is installed for the tests, which start servers of their own, but this set-up could not switch its service off. To do so: systemctl disable --now ${service}`,
    );
  }
}
