/** Mounts the app. Instep is below /instep of the same server. */
import { InstepProvider } from "instep/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import "./style.css";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <InstepProvider url="/instep">
      <App />
    </InstepProvider>
  </StrictMode>,
);
