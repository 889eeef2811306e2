import { NonRetriableError } from "inngest";
import { parseContacts, type Contact } from "@/lib/contacts";
import { createUpload, saveContacts, setStatus } from "@/lib/database";
import { download } from "@/lib/download";
import { readFile, saveFile } from "@/lib/storage";
import { inngest, uploadCreated, uploadCreatedData } from "./client";

/**
 * Turns an uploaded CSV file into rows of a database.
 *
 * Each `step.run` is a checkpoint: once it has returned, its result is stored by the server and the
 * step is not run again in this run, whatever fails later. Two rules follow from that.
 *
 * 1. A step returns a reference and a few numbers, never the data: results are stored, and sent
 *    back to the app with every later call. The files themselves go to lib/storage.ts.
 * 2. A step may run twice if the app dies after the work but before its result arrived, so each
 *    one overwrites what an earlier try has left instead of adding to it.
 */
export const processUpload = inngest.createFunction(
  {
    id: "process-upload",
    triggers: uploadCreated,
    retries: 4, // for every step; this is the default
    onFailure: markFailed,
  },
  async ({ event, step, attempt, logger }) => {
    const { uploadId, fileUrl, userEmail } = event.data;

    const file = await step.run("download-file", async () => {
      // The API route has made this row already, but an event can also be sent from elsewhere,
      // for example from the server's dashboard.
      await createUpload({ id: uploadId, fileUrl, userEmail });
      const saved = await saveFile(`${uploadId}/source.csv`, download(fileUrl));
      await setStatus(uploadId, "downloaded");
      return saved; // { key, bytes }
    });

    const parsed = await step.run("parse-csv", async () => {
      const { contacts, rejected } = parseContacts(await readFile(file.key));
      if (contacts.length === 0) {
        // A second try would read the same file: give up at once instead of retrying.
        throw new NonRetriableError("The file has no valid contact");
      }
      const saved = await saveFile(`${uploadId}/contacts.json`, [JSON.stringify(contacts)]);
      await setStatus(uploadId, "parsed", { rejected: rejected.length });
      return {
        key: saved.key,
        valid: contacts.length,
        rejected: rejected.length,
        examples: rejected.slice(0, 3),
      };
    });

    const written = await step.run("write-records", async () => {
      const contacts = JSON.parse(await readFile(parsed.key)) as Contact[];
      await saveContacts(uploadId, contacts);
      await setStatus(uploadId, "stored");
      return { records: contacts.length };
    });

    await step.run("notify-user", async () => {
      // `attempt` counts the tries of the current job from zero. The SDK runs as many steps in one
      // job as it can, but a job that had to be retried ends with the first step that succeeds. So
      // this step's first try sees 0 even if, say, the download had needed three tries.
      if (attempt === 0) {
        throw new Error("Mail provider timed out (this example fails once on purpose)");
      }
      // A real mail call goes here, with `uploadId` as its idempotency key.
      logger.info(`Mail to ${userEmail}: ${written.records} contacts of ${uploadId} are ready`);
      await setStatus(uploadId, "completed");
      return { to: userEmail };
    });

    return { uploadId, records: written.records, rejected: parsed.rejected };
  },
);

/**
 * Runs as a function of its own, once a run of `process-upload` has failed for good. It needs no
 * steps: all it does is one statement that may be repeated.
 */
async function markFailed({ event, error }: { event: FailureEvent; error: Error }) {
  const upload = uploadCreatedData.safeParse(event.data.event.data);
  if (upload.success) {
    await setStatus(upload.data.uploadId, "failed", { error: error.message });
  }
}

/** `event` is the news of the failure; the event that had started the run is inside it. */
type FailureEvent = { data: { event: { data?: unknown } } };
