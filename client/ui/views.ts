/** The views that come right behind the page, in a file of their own. */
export { OpenQuestion } from "./parts/openQuestion.js";
export { StartPage } from "./start/startPage.js";
export { WorkflowPage } from "./workflow/workflowPage.js";
