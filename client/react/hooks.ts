/** The hooks for a workflow, the list and the connection. Each shows the client's own views: how fresh they are stands in them. */
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { IDLE_VIEW } from "../connection/connectionView.js";
import { type ConnectionView, type InstepClient, LIST, type View } from "../index.js";
import { useHolder } from "./provider.js";
import { ViewStore } from "./viewStore.js";

/** Follows a workflow by its id, or whichever is `"current"`, for as long as the component is shown. `loading` where a server renders it. */
export function useWorkflow(workflow_id: string): View {
  const holder = useHolder();
  const store = useMemo(() => new ViewStore(holder, workflow_id), [holder, workflow_id]);
  return useSyncExternalStore(store.subscribe, store.view, store.serverView);
}

/** Follows the list: its lines are in `list` of the view. `loading` where a server renders it. */
export function useWorkflows(): View {
  return useWorkflow(LIST);
}

/** How the link to the server is. It opens none by itself: that is `idle` until something below the provider is followed. */
export function useConnection(): ConnectionView {
  const holder = useHolder();
  const subscribe = useCallback((told: () => void) => holder.client.onConnection(told), [holder]);
  const view = useCallback(() => holder.client.connection, [holder]);
  return useSyncExternalStore(subscribe, view, idleView);
}

/** The provider's client, for commands and calls: use it in handlers and effects. It throws while a server renders, unless it has a `url`. */
export function useClient(): InstepClient {
  return useHolder().client;
}

const idleView = (): ConnectionView => IDLE_VIEW;
