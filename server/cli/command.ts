/** The exports that the process needs of the command line: the build bundles them into few files, since Node takes longer to load many than to run them. */
export { systemClock } from "../../shared/clock.js";
export { hasTerminal } from "../machine/processes.js";
export { signalGroup } from "../machine/signalGroup.js";
export { runsOnExit } from "./process/runsOnExit.js";
export { runCli } from "./program.js";
export { terminalInput } from "./terminal/terminalInput.js";
