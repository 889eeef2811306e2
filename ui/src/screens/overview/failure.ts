/** What a run that failed says: its output is its error. */
export function messageOf(output: unknown): string {
  if (typeof output === "string" && output !== "") return output;
  if (typeof output === "object" && output !== null) {
    const { message, name } = output as { message?: unknown; name?: unknown };
    if (typeof message === "string" && message !== "") return message;
    if (typeof name === "string" && name !== "") return name;
  }
  return "An error without a message";
}
