import { NonRetriableError } from "inngest";

// Bounds the memory that parsing takes, as well as the disk.
const MAX_BYTES = 10 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

/**
 * Streams the body of `url`.
 *
 * Before you go live: this fetches whatever URL a visitor names, from inside your network. Accept
 * only the hosts that your uploads really come from.
 */
export async function* download(url: string): AsyncGenerator<Uint8Array> {
  const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok || !response.body) {
    const message = `GET ${url} answered ${response.status}`;
    // "Not found" stays true however often we ask; a server error or a rate limit may pass.
    const permanent = response.status < 500 && ![408, 425, 429].includes(response.status);
    throw permanent ? new NonRetriableError(message) : new Error(message);
  }

  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new NonRetriableError(`${url} is larger than ${MAX_BYTES} bytes`);
    yield chunk;
  }
}
