import type { z } from "zod";

/** Puts what is wrong with a value into one line, such as "email: Invalid email address". */
export function describeIssues({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message))
    .join("; ");
}
