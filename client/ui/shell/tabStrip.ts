/** Keeps title and icon of the tab true, straight from the client's messages: a hidden tab draws no frames, and is the one that needs them. */
import { computed, effect } from "@preact/signals";
import { LIST, type View } from "../../index.js";
import { createIconLink } from "../look/iconLink.js";
import { iconAddress, stripOf, type TabStrip } from "../look/titleAndIcon.js";
import type { Page } from "../page/page.js";

/** Steps may fly by; a title that flickers tells nobody anything. */
const AT_MOST_EVERY_MS = 1_000;

export function keepTabStrip(page: Page, document: Document, navigator: Navigator): () => void {
  const { clock } = page.client;
  const icon = createIconLink(document, navigator);
  let view: View | null = null;
  let shown: TabStrip | null = null;
  let shownAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;

  function see(): void {
    if (!view) return;
    const next = stripOf(view, page.client.connection);
    if (shown?.title === next.title && shown.icon === next.icon) return;
    const wait = shownAt + AT_MOST_EVERY_MS - clock.elapsed();
    // Timers of a hidden tab are late: another status is told at once, and only the rest waits for one.
    if (wait <= 0 || shown?.kind !== next.kind) show(next);
    else {
      cancel ??= clock.after(wait, () => {
        cancel = null;
        see();
      });
    }
  }

  function show(next: TabStrip): void {
    cancel?.();
    cancel = null;
    shownAt = clock.elapsed();
    if (document.title !== next.title) document.title = next.title;
    if (shown?.icon !== next.icon) icon.show(iconAddress(next));
    shown = next;
  }

  const subject = computed(() => {
    const route = page.router.route.value;
    return route.name === "workflow" ? route.workflow_id : LIST;
  });
  const stopRoute = effect(() => {
    view = page.client.view(subject.value);
    see();
    return page.client.watch(subject.value, (next) => {
      view = next;
      see();
    });
  });
  const stopConnection = page.client.onConnection(see);
  return () => {
    stopRoute();
    stopConnection();
    cancel?.();
  };
}
