/** A link to another route of this page. A real address underneath: it opens in a new tab, and can be copied. */
import type { ComponentChildren } from "preact";
import type { Route } from "../browser/mount.js";
import { usePage } from "../page/page.js";

interface LinkProps {
  readonly to: Route;
  readonly class?: string;
  /** It leads to what is shown already. */
  readonly current?: "true" | "page" | undefined;
  readonly children: ComponentChildren;
}

export function Link({ to, children, class: className, current }: LinkProps) {
  const { router } = usePage();
  const follow = (event: MouseEvent) => {
    // With a key held, the browser's own meaning holds: new tab, new window, save.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    router.go(to);
  };
  return (
    <a href={router.mount.addressOf(to)} class={className} aria-current={current} onClick={follow}>
      {children}
    </a>
  );
}
