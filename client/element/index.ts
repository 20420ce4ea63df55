/** The public surface of `instep/element`: loading it makes `<instep-workflow>` known to the page. */
import { InstepWorkflow } from "./instepWorkflow.js";

export { InstepWorkflow };

/** Also where it is loaded twice, as by two widgets of one page. Where there are no elements at all, as on a server that renders, nothing happens. */
if (typeof customElements !== "undefined" && !customElements.get("instep-workflow"))
  customElements.define("instep-workflow", InstepWorkflow);
