import { connection } from "next/server";
import { UploadDemo } from "./upload-demo";

export default async function Page() {
  await connection(); // render per request, so that the environment is read at run time
  const dashboard = dashboardUrl(process.env.INNGEST_DEV);

  return (
    <main>
      <h1>CSV upload</h1>
      <p className="lead">
        The button asks for 3,000 contacts to be imported. The answer comes at once; the work is
        done afterwards, in four durable steps. The last one fails on its first try, on purpose, so
        that you see a retry.
      </p>
      <UploadDemo />
      <p className="hint">
        {dashboard ? (
          <>
            Every run, step and retry is in the <a href={dashboard}>server’s dashboard</a> (
            {dashboard}).
          </>
        ) : (
          <>
            Start this app with <code>INNGEST_DEV=1</code> to use a local server.
          </>
        )}
      </p>
    </main>
  );
}

/** INNGEST_DEV is the server's URL, or "1" for the default one. */
function dashboardUrl(dev: string | undefined): string | undefined {
  if (dev && URL.canParse(dev)) return dev;
  return dev === "1" || dev === "true" ? "http://localhost:8288" : undefined;
}
