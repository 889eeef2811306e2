import { serve } from "inngest/next";
import { inngest } from "@/inngest/client";
import { processUpload } from "@/inngest/process-upload";

// The steps use the file system and a native database driver; the edge runtime has neither.
export const runtime = "nodejs";

// The server finds the functions here (PUT registers them) and calls them here (POST).
export const { GET, POST, PUT } = serve({ client: inngest, functions: [processUpload] });
