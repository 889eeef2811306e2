// An HTTP server for the requests that the server under test makes on behalf of functions.

import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { freePort } from "./ports.ts";
import { originOf } from "./server.ts";

export interface TargetRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface TargetReply {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

export class Target {
  readonly origin: string;
  /** Everything that was asked, first to last. */
  readonly requests: TargetRequest[] = [];
  readonly #server: Server;

  static async start(answer: (request: TargetRequest) => TargetReply): Promise<Target> {
    const port = await freePort();
    const target = new Target(port, answer);
    await new Promise<void>((resolve, reject) => {
      target.#server.once("error", reject);
      target.#server.listen(port, "127.0.0.1", resolve);
    });
    return target;
  }

  private constructor(port: number, answer: (request: TargetRequest) => TargetReply) {
    this.origin = originOf(port);
    this.#server = createServer((req, res) => {
      const chunks: Buffer[] = [];
      req.on("data", (chunk: Buffer) => chunks.push(chunk));
      req.on("end", () => {
        const { method = "", url = "", headers } = req;
        const request = { method, path: url, headers, body: Buffer.concat(chunks).toString("utf8") };
        this.requests.push(request);
        const reply = answer(request);
        res.writeHead(reply.status, reply.headers).end(reply.body);
      });
    });
  }

  /** The requests to a path. */
  requestsTo(path: string): TargetRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
