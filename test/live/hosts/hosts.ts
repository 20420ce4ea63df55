/** Programs of every kind that have Instep inside, each as its own documentation writes it, with a page of its own beside it. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { Instep, InstepOptions } from "../../../server/server.js";

/** A program that does not listen yet. */
export interface Program {
  readonly server: Server;
  /** Begins to listen at a free port of 127.0.0.1. @default `server.listen` */
  readonly listen?: () => Promise<unknown>;
  /** Ends it once it answers nobody. @default `server.close` */
  readonly close?: () => Promise<unknown>;
}

export interface Host {
  readonly name: string;
  /** The path at which Instep is, without a slash at the end. */
  readonly base: string;
  /** Instep is told its path; where it is not, the host takes that path away, and upgrades are led as calls are. */
  readonly isTold?: true;
  /** Nothing but Instep answers there: what is not below its base is Instep's to refuse. */
  readonly isAlone?: true;
  /** A parser of the host comes first, and answers bad JSON by itself. */
  readonly parses?: true;
  readonly open: (instep: Instep) => Program | Promise<Program>;
}

/** The options of createInstep that such a program gives. */
export const optionsOf = ({ base, isTold }: Host): Pick<InstepOptions, "basePath"> =>
  isTold ? { basePath: base } : {};

/** What a host says at `/own`. */
export const OWN = "the host's own page";
const DEEP = "/x/y";

const plainly = (listener: RequestListener): Program => ({ server: createServer(listener) });

const ownPage: RequestListener = ({ url }, response) => {
  response.statusCode = url === "/own" ? 200 : 404;
  response.setHeader("Content-Type", "text/plain");
  response.end(url === "/own" ? OWN : "the host has no such page");
};

export const HOSTS: readonly Host[] = [
  {
    name: "node:http, with nothing else",
    base: DEEP,
    isTold: true,
    isAlone: true,
    open: ({ handler }) => plainly(handler),
  },
  {
    name: "node:http, with pages of its own behind",
    base: DEEP,
    isTold: true,
    open: ({ handler }) =>
      plainly((request, response) => {
        handler(request, response, () => ownPage(request, response));
      }),
  },
  {
    name: "node:http, at the root",
    base: "",
    open: ({ handler }) =>
      plainly((request, response) => {
        handler(request, response, () => ownPage(request, response));
      }),
  },
  {
    name: "connect",
    base: DEEP,
    open: async ({ handler }) => {
      const { default: connect } = await import("connect");
      return plainly(connect().use(DEEP, handler).use(ownPage));
    },
  },
  {
    name: "polka, by a mount",
    base: "/x",
    open: async ({ handler }) => {
      const { default: polka } = await import("polka");
      return plainly(polka({ onNoMatch: ownPage }).use("/x", handler).handler);
    },
  },
  {
    name: "polka, before everything",
    base: DEEP,
    isTold: true,
    open: async ({ handler }) => {
      const { default: polka } = await import("polka");
      return plainly(polka({ onNoMatch: ownPage }).use(handler).handler);
    },
  },
  {
    name: "Express 5, router()",
    base: DEEP,
    open: async (instep) => {
      const { default: express } = await import("express");
      return plainly(express().use(DEEP, instep.router()).use(ownPage));
    },
  },
  {
    name: "Express 5, handler below a name in the path",
    base: "/of/a-team/instep",
    open: async ({ handler }) => {
      const { default: express } = await import("express");
      return plainly(express().use("/of/:team/instep", handler).use(ownPage));
    },
  },
  {
    name: "Express 5, handler behind its body parsers",
    base: DEEP,
    isTold: true,
    parses: true,
    open: async ({ handler }) => {
      const { default: express } = await import("express");
      const parsers = [express.json({ limit: "2mb" }), express.text(), express.urlencoded()];
      return plainly(
        express()
          .use(...parsers, handler)
          .use(ownPage),
      );
    },
  },
  {
    name: "Express 4, router()",
    base: DEEP,
    open: async (instep) => {
      const { default: express } = await import("express4");
      return plainly(express().use(DEEP, instep.router()).use(ownPage));
    },
  },
  {
    name: "Express 4, handler in a router of its own",
    base: DEEP,
    open: async ({ handler }) => {
      const { default: express } = await import("express4");
      const inner = express.Router().use("/y", handler);
      return plainly(express().use("/x", inner).use(ownPage));
    },
  },
  {
    name: "Fastify, in a hook",
    base: DEEP,
    isTold: true,
    open: async ({ handler }) => {
      const { fastify } = await import("fastify");
      const app = fastify();
      app.addHook("onRequest", ({ raw }, reply, done) => handler(raw, reply.raw, () => done()));
      app.get("/own", () => OWN);
      await app.ready();
      return { server: app.server, close: () => app.close() };
    },
  },
  {
    name: "Fastify, hijacked",
    base: DEEP,
    isTold: true,
    open: async ({ handler }) => {
      const { fastify } = await import("fastify");
      const app = fastify();
      app.register(
        async (scope) => {
          scope.removeAllContentTypeParsers();
          scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
          scope.all("/*", ({ raw }, reply) => {
            reply.hijack();
            handler(raw, reply.raw);
          });
        },
        { prefix: DEEP },
      );
      app.get("/own", () => OWN);
      await app.ready();
      return { server: app.server, close: () => app.close() };
    },
  },
  {
    name: "Fastify, @fastify/middie",
    base: DEEP,
    open: async ({ handler }) => {
      const { fastify } = await import("fastify");
      const { default: middie } = await import("@fastify/middie");
      const app = fastify();
      await app.register(middie);
      app.use(DEEP, handler);
      app.get("/own", () => OWN);
      await app.ready();
      return { server: app.server, close: () => app.close() };
    },
  },
  {
    name: "Hono on @hono/node-server",
    base: DEEP,
    isTold: true,
    open: async ({ handler }) => {
      const { Hono } = await import("hono");
      const { getRequestListener } = await import("@hono/node-server");
      const app = new Hono().get("/own", (context) => context.text(OWN));
      const others = getRequestListener(app.fetch);
      return plainly((request, response) => {
        handler(request, response, () => void others(request, response));
      });
    },
  },
  {
    name: "Koa, as a middleware",
    base: DEEP,
    isTold: true,
    open: async ({ handler }) => {
      const { default: Koa } = await import("koa");
      const app = new Koa();
      app.use(
        ({ req, res }, next) =>
          new Promise((done, failed) => {
            res.once("close", done);
            handler(req, res, () => next().then(done, failed));
          }),
      );
      app.use((context) => {
        if (context.path === "/own") context.body = OWN;
      });
      return plainly(app.callback());
    },
  },
  {
    name: "Koa, with ctx.respond = false",
    base: DEEP,
    isTold: true,
    open: async ({ handler }) => {
      const { default: Koa } = await import("koa");
      const app = new Koa();
      app.use((context, next) => {
        if (!/^\/x\/y(?:\/|$)/.test(context.path)) return next();
        context.respond = false;
        handler(context.req, context.res);
        return undefined;
      });
      app.use((context) => {
        if (context.path === "/own") context.body = OWN;
      });
      return plainly(app.callback());
    },
  },
  {
    name: "koa-mount",
    base: DEEP,
    open: async ({ handler }) => {
      const { default: Koa } = await import("koa");
      const { default: mount } = await import("koa-mount");
      const app = new Koa();
      app.use(
        mount(
          DEEP,
          ({ req, res, originalUrl }) =>
            new Promise((done) => {
              res.once("close", done);
              handler(Object.assign(req, { originalUrl }), res);
            }),
        ),
      );
      app.use((context) => {
        if (context.path === "/own") context.body = OWN;
      });
      return plainly(app.callback());
    },
  },
];
