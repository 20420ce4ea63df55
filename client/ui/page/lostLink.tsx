/** How long the machine of a command has not been reached. It is not the page's own connection. */
import type { ComponentChildren } from "preact";
import { Glyph } from "../look/glyph.js";
import { formatAgo, parseTime } from "../look/time.js";
import { usePictureTime } from "./freshness.js";

interface LostLinkProps {
  readonly since: string;
  /** More words about it, behind these. */
  readonly children?: ComponentChildren;
}

/** "Link lost 12 s ago", counted as far as the picture goes. */
export function LostLink({ since, children }: LostLinkProps) {
  const { now, isCurrent } = usePictureTime();
  return (
    <span class={`lost-link tone-unlinked${isCurrent ? "" : " is-frozen"}`}>
      <Glyph status="unlinked" />
      <span>
        Link lost {formatAgo(now - (parseTime(since) ?? now))}
        {children}
      </span>
    </span>
  );
}
