/** Opens what makes the spans of a server's own workflows. Without the option nothing else of this folder is loaded. */
import type { Traces, TracesParts, TracesProvider } from "./traces.js";

/** Null where nobody asked for them. Rejects with PackageMissing. */
export async function openTraces(
  { traces }: { readonly traces?: boolean | TracesProvider },
  { clock, log }: Pick<TracesParts, "clock" | "log">,
): Promise<Traces | null> {
  if (traces === undefined || traces === false) return null;
  const { loadOpenTelemetry, Traces } = await import("./traces.js");
  const api = await loadOpenTelemetry();
  return new Traces({ api, provider: traces === true ? null : traces, clock, log });
}
