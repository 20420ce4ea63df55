/** The public surface of `instep/react`: a provider that owns a client, and hooks that show what it follows. */

export { ClientMissing } from "./clientMissing.js";
export { useClient, useConnection, useWorkflow, useWorkflows } from "./hooks.js";
export type { LogView } from "./logStore.js";
export { InstepProvider, type InstepProviderProps } from "./provider.js";
export { type UseLogOptions, useLog } from "./useLog.js";
