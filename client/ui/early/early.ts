/** The page's first words, in a file of their own that is there before the page's script. What goes wrong here the page says itself. */
import { tellEarly } from "./tellEarly.js";

tellEarly(window).catch(() => {});
