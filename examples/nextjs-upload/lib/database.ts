import { mkdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createClient, type Client } from "@libsql/client";
import type { Contact } from "./contacts";

const FILE = path.join(process.cwd(), ".data", "uploads.db");

/** Each step leaves its mark: queued → downloaded → parsed → stored → completed, or failed. */
export type UploadStatus = "queued" | "downloaded" | "parsed" | "stored" | "completed" | "failed";

export type Upload = {
  uploadId: string;
  status: UploadStatus;
  /** How many contacts the database holds for this upload, counted now. */
  records: number;
  rejected: number | null;
  fileUrl: string;
  userEmail: string;
  error: string | null;
};

/** Does nothing if the upload is known already, so it is safe to call again. */
export async function createUpload(upload: { id: string; fileUrl: string; userEmail: string }) {
  const db = await database();
  await db.execute({
    sql: `INSERT INTO uploads (id, file_url, user_email, status)
          VALUES (:id, :fileUrl, :userEmail, 'queued')
          ON CONFLICT (id) DO NOTHING`,
    args: upload,
  });
}

export async function deleteUpload(id: string) {
  const db = await database();
  await db.execute({ sql: "DELETE FROM uploads WHERE id = :id", args: { id } });
}

export async function setStatus(
  id: string,
  status: UploadStatus,
  details: { rejected?: number; error?: string } = {},
) {
  const db = await database();
  await db.execute({
    sql: `UPDATE uploads
          SET status = :status,
              rejected = coalesce(:rejected, rejected),
              error = :error
          WHERE id = :id`,
    args: { id, status, rejected: details.rejected ?? null, error: details.error ?? null },
  });
}

/**
 * Writes all contacts of an upload, or none.
 *
 * Safe to repeat: (upload_id, line) identifies a contact, so a second try replaces the rows of the
 * first one instead of adding to them.
 */
export async function saveContacts(uploadId: string, contacts: Contact[]) {
  const db = await database();
  await db.batch(
    contacts.map((contact) => ({
      sql: `INSERT OR REPLACE INTO contacts
              (upload_id, line, email, first_name, last_name, company,
               city, country, plan, seats, signed_up_on)
            VALUES
              (:uploadId, :line, :email, :first_name, :last_name, :company,
               :city, :country, :plan, :seats, :signed_up_on)`,
      args: { uploadId, ...contact },
    })),
    "write", // one transaction
  );
}

export async function findUpload(id: string): Promise<Upload | undefined> {
  const db = await database();
  const { rows } = await db.execute({
    sql: `SELECT id AS uploadId, status, rejected, error,
                 file_url AS fileUrl, user_email AS userEmail,
                 (SELECT count(*) FROM contacts WHERE upload_id = uploads.id) AS records
          FROM uploads WHERE id = :id`,
    args: { id },
  });
  return rows[0] && ({ ...rows[0] } as unknown as Upload);
}

// Opened by the first request, not on import: `next build` imports this file too. It is kept on
// globalThis because a module can be loaded more than once (one copy a route, and again after every
// edit in development), and all copies should share one connection.
const shared = globalThis as { uploadDatabase?: Promise<Client> };

function database(): Promise<Client> {
  return (shared.uploadDatabase ??= open().catch((error) => {
    shared.uploadDatabase = undefined; // let the next request try again
    throw error;
  }));
}

async function open(): Promise<Client> {
  mkdirSync(path.dirname(FILE), { recursive: true });
  // The timeout is in milliseconds: how long to wait while another process writes.
  const db = createClient({ url: pathToFileURL(FILE).href, timeout: 5_000 });
  await db.executeMultiple(`
    PRAGMA journal_mode = WAL; -- readers do not wait for the writer
    CREATE TABLE IF NOT EXISTS uploads (
      id         TEXT PRIMARY KEY,
      file_url   TEXT NOT NULL,
      user_email TEXT NOT NULL,
      status     TEXT NOT NULL,
      rejected   INTEGER,
      error      TEXT
    );
    CREATE TABLE IF NOT EXISTS contacts (
      upload_id    TEXT NOT NULL REFERENCES uploads (id),
      line         INTEGER NOT NULL,
      email        TEXT NOT NULL,
      first_name   TEXT NOT NULL,
      last_name    TEXT NOT NULL,
      company      TEXT NOT NULL,
      city         TEXT NOT NULL,
      country      TEXT NOT NULL,
      plan         TEXT NOT NULL,
      seats        INTEGER NOT NULL,
      signed_up_on TEXT NOT NULL,
      PRIMARY KEY (upload_id, line)
    ) WITHOUT ROWID;
  `);
  return db;
}
