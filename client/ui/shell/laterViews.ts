/** The larger views, fetched right behind the page. */
import { createLater } from "../page/later.js";

export const { Later, load: loadViews } = createLater(() => import("./views.js"));
