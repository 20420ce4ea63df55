/** In development the calls and the socket go on to an Instep on this machine, so that page and server have one origin. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const instep = { target: "http://127.0.0.1:4747", changeOrigin: true, ws: true };

export default defineConfig({
  plugins: [react()],
  base: "./",
  server: { proxy: { "/instep": { ...instep, rewrite: (path) => path.replace(/^\/instep/, "") } } },
});
