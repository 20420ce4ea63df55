/** The shapes, as far as tests need them, of frameworks that bring no types. */
declare module "polka" {
  import type { RequestListener, Server } from "node:http";

  type Ware = (...call: [...Parameters<RequestListener>, next: () => void]) => void;

  interface Polka {
    use(...wares: (string | Ware)[]): Polka;
    get(path: string, listener: RequestListener): Polka;
    readonly handler: RequestListener;
    readonly server?: Server;
  }

  const polka: (options?: object) => Polka;
  export default polka;
}

declare module "koa-mount" {
  import type { Middleware } from "koa";

  const mount: (path: string, middleware: Middleware) => Middleware;
  export default mount;
}

declare module "express4" {
  import express from "express";

  export default express;
}
