/** Keeps title and icon of the tab true, straight from the client's messages: a hidden tab draws no frames, and is the one that needs them. */
import { computed, effect } from "@preact/signals";
import { LIST, type View } from "../index.js";
import { iconAddress, iconOf, titleOf } from "./look/titleAndIcon.js";
import type { Page } from "./page.js";

export function keepTabStrip(page: Page, document: Document): () => void {
  let view: View | null = null;
  let icon = "";

  function show(): void {
    if (!view) return;
    const title = titleOf(view, page.client.connection);
    if (document.title !== title) document.title = title;
    const address = iconAddress(iconOf(view));
    if (address === icon) return;
    icon = address;
    iconLink(document).href = address;
  }

  const subject = computed(() => {
    const route = page.router.route.value;
    return route.name === "workflow" ? route.workflow_id : LIST;
  });
  const stopRoute = effect(() => {
    view = page.client.view(subject.value);
    show();
    return page.client.watch(subject.value, (next) => {
      view = next;
      show();
    });
  });
  const stopConnection = page.client.onConnection(show);
  return () => {
    stopRoute();
    stopConnection();
  };
}

function iconLink(document: Document): HTMLLinkElement {
  const known = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (known) return known;
  const link = document.createElement("link");
  link.rel = "icon";
  link.type = "image/svg+xml";
  document.head.append(link);
  return link;
}
