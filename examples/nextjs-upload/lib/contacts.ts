import { parse } from "csv-parse/sync";
import { NonRetriableError } from "inngest";
import { z } from "zod";
import { describeIssues } from "./issues";

const row = z.object({
  email: z.email(),
  first_name: z.string().min(1),
  last_name: z.string().min(1),
  company: z.string().min(1),
  city: z.string().min(1),
  country: z.string().regex(/^[A-Z]{2}$/, "Not a two-letter country code"),
  plan: z.enum(["free", "team", "business"]),
  seats: z.string().regex(/^[1-9]\d*$/, "Not a positive number").transform(Number),
  signed_up_on: z.iso.date(),
});

/** `line` is the line in the source file: the natural key of a contact within its upload. */
export type Contact = z.infer<typeof row> & { line: number };
export type Rejection = { line: number; problem: string };

/** Splits a CSV file into contacts and rejected lines. One bad line does not spoil the rest. */
export function parseContacts(csv: string): { contacts: Contact[]; rejected: Rejection[] } {
  const contacts: Contact[] = [];
  const rejected: Rejection[] = [];
  for (const { record, info } of readRecords(csv)) {
    const result = row.safeParse(record);
    if (result.success) {
      contacts.push({ ...result.data, line: info.lines });
    } else {
      rejected.push({ line: info.lines, problem: describeIssues(result.error) });
    }
  }
  return { contacts, rejected };
}

function readRecords(csv: string): { record: unknown; info: { lines: number } }[] {
  try {
    return parse(csv, { bom: true, columns: true, info: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    // Text that is not CSV does not become CSV by reading it again.
    throw new NonRetriableError("The file is not valid CSV", { cause: error });
  }
}
