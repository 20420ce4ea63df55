/** The server that a command means where nobody names one. */
import { DEFAULTS } from "../../shared/limits.js";

export const DEFAULT_SERVER = `http://127.0.0.1:${DEFAULTS.port}`;
