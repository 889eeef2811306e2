import { eventType, Inngest } from "inngest";
import { z } from "zod";

// No URL and no key here: the SDK reads INNGEST_DEV (local development) or
// INNGEST_BASE_URL, INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY (production) from the environment.
export const inngest = new Inngest({ id: "nextjs-upload" });

export const uploadCreatedData = z.object({
  // Becomes part of a file path, so only harmless characters are let in.
  uploadId: z.string().regex(/^[\w-]{1,64}$/),
  fileUrl: z.url({ protocol: /^https?$/ }),
  userEmail: z.email(),
});

// One definition serves three uses: the function's trigger, the type of `event.data` in it, and
// the check of the data both when the event is sent and when a run starts.
export const uploadCreated = eventType("app/upload.created", { schema: uploadCreatedData });
