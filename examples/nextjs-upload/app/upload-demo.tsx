"use client";

import { useEffect, useState } from "react";
import type { Upload, UploadStatus } from "@/lib/database";

type Queued = { status: "queued"; uploadId: string; eventId: string };

// Each step of inngest/process-upload.ts, with the status that says it is done.
const STEPS: { name: string; done: UploadStatus }[] = [
  { name: "download-file", done: "downloaded" },
  { name: "parse-csv", done: "parsed" },
  { name: "write-records", done: "stored" },
  { name: "notify-user", done: "completed" },
];
const POLL_MS = 500;

export function UploadDemo() {
  const [sending, setSending] = useState(false);
  const [queued, setQueued] = useState<Queued>();
  const [problem, setProblem] = useState<string>();

  async function send() {
    setSending(true);
    setProblem(undefined);
    setQueued(undefined);
    try {
      const response = await fetch("/api/uploads", { method: "POST" });
      const answer = await response.json();
      if (response.ok) setQueued(answer);
      else setProblem(answer.message);
    } catch {
      setProblem("The app did not answer.");
    } finally {
      setSending(false);
    }
  }

  return (
    <>
      <button type="button" onClick={send} disabled={sending}>
        {sending ? "Sending…" : "Upload the sample CSV"}
      </button>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {queued && (
        <>
          <h2>The answer</h2>
          <pre>{JSON.stringify(queued, null, 2)}</pre>
          <h2>Progress</h2>
          {/* The key makes every upload start with a fresh state. */}
          <Progress key={queued.uploadId} uploadId={queued.uploadId} />
        </>
      )}
    </>
  );
}

function Progress({ uploadId }: { uploadId: string }) {
  const upload = useUpload(uploadId);
  const done = STEPS.findIndex((step) => step.done === upload?.status) + 1;

  return (
    <section aria-live="polite">
      {upload?.status === "failed" ? (
        <p className="problem">Failed: {upload.error}</p>
      ) : (
        <ol className="steps">
          {STEPS.map((step, index) => (
            <li key={step.name} className={index < done ? "done" : index === done ? "next" : ""}>
              <code>{step.name}</code>
              {upload?.status === "stored" && step.name === "notify-user" && (
                <span> failed once; its retry may take up to a minute</span>
              )}
            </li>
          ))}
        </ol>
      )}
      <p>
        Status <strong>{upload?.status ?? "queued"}</strong>, {upload?.records ?? 0} records
        {upload?.rejected != null && `, ${upload.rejected} lines rejected`}.{" "}
        <a href={`/api/uploads/${uploadId}`}>As JSON</a>
      </p>
    </section>
  );
}

/** Asks for the upload again and again until it is settled. */
function useUpload(uploadId: string): Upload | undefined {
  const [upload, setUpload] = useState<Upload>();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const abort = new AbortController();

    async function poll() {
      let settled = false;
      try {
        const response = await fetch(`/api/uploads/${uploadId}`, { signal: abort.signal });
        if (response.ok) {
          const found: Upload = await response.json();
          setUpload(found);
          settled = found.status === "completed" || found.status === "failed";
        }
      } catch {
        // The app is restarting: ask again. (Or this component is gone: see the check below.)
      }
      if (!settled && !abort.signal.aborted) timer = setTimeout(poll, POLL_MS);
    }

    poll();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [uploadId]);

  return upload;
}
