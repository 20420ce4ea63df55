/** The hosts that bring a world of their own (NestJS with both of its adapters, h3, hapi), and those whose body parsers come first. */
import "reflect-metadata";
import { createServer, type Server } from "node:http";
import { type Host, OWN, type Program } from "./hosts.js";

const DEEP = "/x/y";

interface NestApp {
  init(): Promise<unknown>;
  close(): Promise<void>;
  getHttpServer(): Server;
}

const started = async (app: NestApp): Promise<Program> => {
  await app.init();
  return { server: app.getHttpServer(), close: () => app.close() };
};

/** An application with a page of its own, made without the syntax of decorators. */
async function nestModule(): Promise<new () => object> {
  const { Controller, Get, Module } = await import("@nestjs/common");
  class OwnPage {
    show(): string {
      return OWN;
    }
  }
  const show = Object.getOwnPropertyDescriptor(OwnPage.prototype, "show")!;
  Get("own")(OwnPage.prototype, "show", show);
  Controller()(OwnPage);
  class App {}
  Module({ controllers: [OwnPage] })(App);
  return App;
}

export const LARGER_HOSTS: readonly Host[] = [
  {
    name: "Express 4, router() behind its body parsers",
    base: DEEP,
    parses: true,
    open: async (instep) => {
      const { default: express } = await import("express4");
      const parsers = [express.json({ limit: "2mb" }), express.text()];
      const app = express()
        .use(...parsers)
        .use(DEEP, instep.router());
      app.get("/own", (_request, response) => void response.send(OWN));
      return { server: createServer(app) };
    },
  },
  {
    name: "Fastify, in a route behind its body parsers",
    base: DEEP,
    isTold: true,
    parses: true,
    open: async ({ handler }) => {
      const { fastify } = await import("fastify");
      const app = fastify();
      app.all(`${DEEP}/*`, ({ raw, body }, reply) => {
        reply.hijack();
        handler(Object.assign(raw, { body }), reply.raw);
      });
      app.get("/own", () => OWN);
      await app.ready();
      return { server: app.server, close: () => app.close() };
    },
  },
  {
    name: "Fastify, @fastify/express",
    base: DEEP,
    open: async ({ handler }) => {
      const { fastify } = await import("fastify");
      const { default: express } = await import("@fastify/express");
      const app = fastify();
      await app.register(express);
      app.use(DEEP, handler);
      app.get("/own", () => OWN);
      await app.ready();
      return { server: app.server, close: () => app.close() };
    },
  },
  {
    name: "NestJS on Express",
    base: DEEP,
    open: async ({ handler }) => {
      const { NestFactory } = await import("@nestjs/core");
      const app = await NestFactory.create(await nestModule(), { logger: false });
      app.use(DEEP, handler);
      return started(app);
    },
  },
  {
    name: "NestJS on Fastify",
    base: DEEP,
    open: async ({ handler }) => {
      const { NestFactory } = await import("@nestjs/core");
      const { FastifyAdapter } = await import("@nestjs/platform-fastify");
      const adapter = new FastifyAdapter();
      const app = await NestFactory.create(await nestModule(), adapter, { logger: false });
      app.use(DEEP, handler);
      const program = await started(app);
      await adapter.getInstance().ready();
      return program;
    },
  },
  {
    name: "h3",
    base: DEEP,
    isTold: true,
    open: async ({ handler }) => {
      const { H3, fromNodeHandler } = await import("h3");
      const { toNodeHandler } = await import("h3/node");
      const app = new H3();
      // Its type thinks of HTTP/2, too.
      app.use(fromNodeHandler(handler as import("h3").NodeMiddleware));
      app.get("/own", () => OWN);
      return { server: createServer(toNodeHandler(app)) };
    },
  },
  {
    name: "hapi",
    base: DEEP,
    isTold: true,
    open: async ({ handler }) => {
      const { default: hapi } = await import("@hapi/hapi");
      const app = hapi.server({ port: 0, host: "127.0.0.1" });
      app.route({
        method: "*",
        path: `${DEEP}/{rest*}`,
        options: { payload: { parse: false, output: "stream", maxBytes: 2 ** 21 } },
        handler: ({ raw: { req, res } }, { abandon }) => {
          handler(req, res);
          return abandon;
        },
      });
      app.route({ method: "GET", path: "/own", handler: () => OWN });
      return { server: app.listener, listen: () => app.start(), close: () => app.stop() };
    },
  },
];
