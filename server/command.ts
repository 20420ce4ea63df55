/** What the process needs of the command line: built into few files, since Node takes longer to load many than to run them. */
export { systemClock } from "../shared/clock.js";
export { runCli } from "./cli/program.js";
export { runsOnExit } from "./cli/runsOnExit.js";
export { terminalInput } from "./cli/terminalInput.js";
export { signalGroup } from "./machine/signalGroup.js";
