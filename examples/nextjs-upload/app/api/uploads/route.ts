import { randomUUID } from "node:crypto";
import { z } from "zod";
import { inngest, uploadCreated } from "@/inngest/client";
import { createUpload, deleteUpload } from "@/lib/database";
import { describeIssues } from "@/lib/issues";

export const runtime = "nodejs";

// Strict, so that a misspelled field is an error and not silently ignored.
const uploadRequest = z.strictObject(
  {
    fileUrl: z.url({ protocol: /^https?$/, error: "Must be an http or https URL" }).optional(),
    userEmail: z.email("Must be an email address").default("ada@example.com"),
  },
  { error: ({ code }) => (code === "invalid_type" ? "The body must be a JSON object" : null) },
);

/** Queues an upload and answers at once; the work is done by inngest/process-upload.ts. */
export async function POST(request: Request) {
  const body = uploadRequest.safeParse(await readJson(request));
  if (!body.success) {
    const message = describeIssues(body.error);
    return Response.json({ error: "invalid_request", message }, { status: 400 });
  }

  const uploadId = randomUUID();
  const { fileUrl = sampleFileUrl(request), userEmail } = body.data;
  await createUpload({ id: uploadId, fileUrl, userEmail });

  try {
    const { ids } = await inngest.send(uploadCreated.create({ uploadId, fileUrl, userEmail }));
    return Response.json({ status: "queued", uploadId, eventId: ids[0] }, { status: 202 });
  } catch (error) {
    console.error("Could not send the event", error);
    await deleteUpload(uploadId); // without its event it would stay "queued" for ever
    const message =
      "The event was not accepted. Is the server running, and does INNGEST_DEV point to it?";
    return Response.json({ error: "event_not_sent", message }, { status: 503 });
  }
}

/** An empty body means "all defaults"; text that is not JSON fails validation as a string. */
async function readJson(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The app downloads its own sample, from the address that the visitor used to reach it. */
function sampleFileUrl(request: Request): string {
  // `request.url` has the visitor's protocol, but the host name that Next.js listens on.
  const { protocol } = new URL(request.url);
  return `${protocol}//${request.headers.get("host")}/sample-contacts.csv`;
}
