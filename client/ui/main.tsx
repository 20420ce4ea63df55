/** Starts the page: makes its parts, shows it, and asks what is running. */
import { render } from "preact";
import { createClient, initWorkflow, LIST } from "../index.js";
import { createBellBrowser } from "./bell/bellBrowser.js";
import { createBells } from "./bell/bells.js";
import { browserClock } from "./browser/browserClock.js";
import { createKeys } from "./browser/keys.js";
import { createMount } from "./browser/mount.js";
import { createRouter } from "./browser/router.js";
import { markSocket, openSharedWorker } from "./browser/sharedSocket.js";
import { storageOf } from "./browser/storage.js";
import { tabName } from "./browser/tabName.js";
import { createThemes } from "./browser/theme.js";
import { takeToken } from "./browser/token.js";
import { trustOwnWorker } from "./browser/trustedTypes.js";
import { isFiltered } from "./list/filter/filters.js";
import { wasDismissed } from "./page/dismissal.js";
import { createPage } from "./page/page.js";
import { loadViews } from "./shell/laterViews.js";
import { Shell } from "./shell/shell.js";

trustOwnWorker(import.meta.url, window);
const mount = createMount(document.baseURI);
const memory = storageOf(window, "sessionStorage");
const settings = storageOf(window, "localStorage");
const themes = createThemes(window, settings);
const token = takeToken(window, memory);
const client = createClient({ url: mount.url, token, openSharedWorker });
const router = createRouter(window, mount);
const page = createPage({
  client,
  router,
  clock: browserClock,
  memory,
  settings,
  keys: createKeys(window, settings),
  themes,
  bells: createBells({
    client,
    router,
    settings,
    browser: createBellBrowser(window, mount.url.pathname),
    window,
  }),
  hasToken: token !== undefined,
  tabName: tabName(memory, Math.random),
});

const landed = router.route.value;
// Asked for at once, however late those come that show it.
const stopAsking = client.watch(landed.name === "workflow" ? landed.workflow_id : LIST, () => {});
void loadViews().then((views) => {
  views?.keepTabStrip(page, document, navigator);
  stopAsking();
});
markSocket(page.connection, document);
const place = document.getElementById("page")!;
place.replaceChildren();
render(<Shell page={page} />, place);

const isPlainList = landed.name === "list" && !isFiltered(landed);
initWorkflow(client, {
  onRestore(found) {
    if (!wasDismissed(memory, found.state)) page.showFound(found);
    const { workflow_id } = found;
    // An address that names a workflow, or which ones to list, is what the visitor asked for.
    if (landed === router.route.value && isPlainList)
      router.go({ name: "workflow", workflow_id }, "replace");
  },
}).catch(() => {
  // The server does not answer yet: the connection shows that, and what is current arrives with the list.
});
