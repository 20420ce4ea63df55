/** The port through which output is given out, from the store of this server or from the folder of another one. */
import type { OutputStore } from "./outputStore.js";

/** As much of the store as is needed for that. */
export type OutputSource = Pick<OutputStore, "next" | "read" | "times" | "tailStart" | "hasAll">;
