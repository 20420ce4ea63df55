/** Addresses of the page: where it is mounted, and which route an address names. */

export interface ListRoute {
  readonly name: "list";
  /** Only workflows in this status. */
  readonly status?: string;
  /** Only those whose line has these words in it. */
  readonly q?: string;
  readonly definition?: string;
  /** `host=web-7` */
  readonly input?: string;
  /** `today`, `week`, or `range` for the days `from` and `to`. */
  readonly time?: string;
  /** `2026-11-25`, in the time zone of whoever looks; both days count. */
  readonly from?: string;
  readonly to?: string;
  /** As the server takes it: `-started` and others. */
  readonly sort?: string;
}

const LIST_NAMES = ["status", "q", "definition", "input", "time", "from", "to", "sort"] as const;

export interface StartRoute {
  readonly name: "start";
  /** The definition to start; all of them are offered where it is missing. */
  readonly definition?: string;
  /** The workflow whose inputs the form begins with. */
  readonly like?: string;
}

export interface WorkflowRoute {
  readonly name: "workflow";
  readonly workflow_id: string;
  /** The selected step: its action, or its number from 1 where several have the same action. */
  readonly step?: string;
  readonly attempt?: number;
  /** Lines of that attempt's output, counted from 1. */
  readonly lines?: { readonly from: number; readonly to: number };
}

export type Route = ListRoute | StartRoute | WorkflowRoute;

export interface Mount {
  /** Absolute, with a slash at the end. */
  readonly url: URL;
  routeOf(address: URL): Route;
  addressOf(route: Route): string;
}

/** `baseUri` is the document's: the server writes the mount into `<base>` when it hands out the page. */
export function createMount(baseUri: string): Mount {
  const url = new URL(".", baseUri);
  const start = `${url.pathname}start`;
  return {
    url,
    routeOf(address) {
      const { pathname, searchParams } = address;
      const asked = (name: string) => searchParams.get(name) || undefined;
      if (pathname === start || pathname.startsWith(`${start}/`)) {
        const definition = decode(pathname.slice(start.length + 1));
        return { name: "start", ...given({ definition, like: asked("like") }) };
      }
      const workflow = workflowRouteOf(address, url);
      if (workflow) return workflow;
      const all = Object.fromEntries(LIST_NAMES.map((name) => [name, asked(name)]));
      return { name: "list", ...given(all) };
    },
    addressOf(route) {
      switch (route.name) {
        case "list":
          return (
            url.pathname + query(Object.fromEntries(LIST_NAMES.map((name) => [name, route[name]])))
          );
        case "start": {
          const { definition, like } = route;
          const path = definition ? `/${encodeURIComponent(definition)}` : "";
          return start + path + query({ like });
        }
        case "workflow": {
          const { workflow_id, step, attempt, lines } = route;
          const asked = query({ step, attempt: attempt?.toString() });
          return `${url.pathname}w/${encodeURIComponent(workflow_id)}${asked}${lines ? hashOf(lines) : ""}`;
        }
      }
    },
  };
}

/** Null where the address names no workflow. `mount` is the address of the list. */
export function workflowRouteOf(
  { pathname, searchParams, hash }: URL,
  mount: URL,
): WorkflowRoute | null {
  const workflows = `${mount.pathname}w/`;
  if (!pathname.startsWith(workflows)) return null;
  const workflow_id = decode(pathname.slice(workflows.length).replace(/\/$/, ""));
  if (workflow_id === "") return null;
  const attempt = wholeNumber(searchParams.get("attempt") ?? undefined);
  const place = { step: searchParams.get("step") ?? undefined, attempt, lines: linesOf(hash) };
  return { name: "workflow", workflow_id, ...given(place) };
}

/** Whether both show the same page, if not the same place of it. */
export function isSamePage(one: Route, other: Route): boolean {
  if (one.name !== other.name) return false;
  return one.name !== "workflow" || one.workflow_id === (other as WorkflowRoute).workflow_id;
}

/** Without the names that have no value, which is not the same as a value that is missing. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(known) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function query(values: Readonly<Record<string, string | undefined>>): string {
  const asked = new URLSearchParams(given(values) as Record<string, string>).toString();
  return asked === "" ? "" : `?${asked}`;
}

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;

const hashOf = ({ from, to }: { from: number; to: number }): string =>
  from === to ? `#L${from}` : `#L${from}-L${to}`;

function linesOf(hash: string): { from: number; to: number } | undefined {
  const [, first, last] = /^#L([1-9]\d{0,8})(?:-L([1-9]\d{0,8}))?$/.exec(hash) ?? [];
  if (first === undefined) return undefined;
  const ends = [Number(first), Number(last ?? first)];
  return { from: Math.min(...ends), to: Math.max(...ends) };
}

/** An id that cannot be decoded is none of ours: it is shown as it is, and the server knows no such workflow. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
