// Taps on the two places where an app meets the server: calls that come in and checkpoints that go out.

import type { IncomingMessage, RequestListener } from "node:http";
import { Readable } from "node:stream";
import type { Journal } from "./journal.ts";

/** The part of a call's body that the journal needs. */
interface CallBody {
  ctx: { run_id: string; attempt: number; use_api: boolean; stack: { stack: string[] | null } };
  event: { id: string };
  steps: Record<string, unknown>;
}

/** Writes every call down, then hands it to the SDK with its body in one piece. */
export function recordCalls(journal: Journal, sdk: RequestListener): RequestListener {
  return (req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const body = Buffer.concat(chunks);
      if (req.method === "POST") recordCall(journal, req.url ?? "", body);
      sdk(withBody(req, body), res);
    });
  };
}

function recordCall(journal: Journal, url: string, bytes: Buffer): void {
  const query = new URL(url, "http://app").searchParams;
  const fn = query.get("fnId");
  if (fn === null) return;
  const body = JSON.parse(bytes.toString("utf8")) as CallBody;
  journal.write({
    kind: "call",
    run: body.ctx.run_id,
    fn,
    target: query.get("stepId") ?? "",
    attempt: body.ctx.attempt,
    event: body.event.id,
    useApi: body.ctx.use_api,
    memoized: Object.keys(body.steps),
    stack: body.ctx.stack.stack ?? [],
  });
}

/** The request as far as the SDK's node adapter looks at it, readable once more. */
function withBody(req: IncomingMessage, body: Buffer): IncomingMessage {
  const { method, url, headers, socket } = req;
  // A buffer inside an array: `Readable.from(buffer)` would yield nothing for an empty one.
  return Object.assign(Readable.from(body.length > 0 ? [body] : []), {
    method,
    url,
    headers,
    socket,
  }) as unknown as IncomingMessage;
}

const CHECKPOINT = /\/v1\/checkpoint\/([^/]+)\/async$/;

/** A `fetch` for the SDK's client that writes down which checkpoints were acknowledged. */
export function recordCheckpoints(journal: Journal): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    const run = CHECKPOINT.exec(new URL(url).pathname)?.[1];
    if (run !== undefined && response.ok) {
      const body = JSON.parse(String(init?.body)) as { steps: { id: string; op: string }[] };
      const steps = body.steps.filter((op) => op.op === "StepRun").map((op) => op.id);
      journal.write({ kind: "checkpoint", run, steps });
    }
    return response;
  };
}
