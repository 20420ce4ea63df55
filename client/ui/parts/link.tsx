/** A link to another route of this page. A real address underneath: it opens in a new tab, and can be copied. */
import type { ComponentChildren } from "preact";
import type { Route } from "../mount.js";
import { usePage } from "../page.js";

interface LinkProps {
  readonly to: Route;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function Link({ to, children, class: className }: LinkProps) {
  const { router } = usePage();
  const follow = (event: MouseEvent) => {
    // With a key held, the browser's own meaning holds: new tab, new window, save.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    router.go(to);
  };
  return (
    <a href={router.mount.addressOf(to)} class={className} onClick={follow}>
      {children}
    </a>
  );
}
