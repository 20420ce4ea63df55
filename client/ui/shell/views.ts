/** The views that come right behind the page, in a file of their own, and what only they look like. */
import "../style/workflow.css";
import "../style/dialog.css";
import "../style/output.css";
import "../style/forms.css";
import "../style/timeline.css";
import "../style/print.css";
import "../style/sharing.css";
import "../style/webhooks.css";

export { AttentionMenu } from "../attention/attentionMenu.js";
export { OpenQuestion } from "../commands/openQuestion.js";
export { DamagedList } from "../list/damagedList.js";
export { EmptyList } from "../list/empty/emptyList.js";
export { NothingFits } from "../list/empty/nothingFits.js";
export { RunExample } from "../list/empty/runExample.js";
export { FilterBar } from "../list/filter/filterBar.js";
export { SelectionBar } from "../list/select/selectionBar.js";
export { NoView } from "../parts/noView.js";
export { StartPage } from "../start/startPage.js";
export { WorkflowTitle } from "../workflow/head/workflowTitle.js";
export { WorkflowPage } from "../workflow/workflowPage.js";
export { BellButton } from "./bellButton.js";
export { FoundNews } from "./foundNews.js";
export { KeysDialog } from "./keysDialog.js";
export { SignInDialog } from "./signInDialog.js";
export { StaleBar } from "./staleBar.js";
export { StorageBar } from "./storageBar.js";
export { keepTabStrip } from "./tabStrip.js";
