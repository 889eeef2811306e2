/** What is typed as the data of a function: an object of JSON. */
export function readData(text: string): { data?: Record<string, unknown>; problem?: string } {
  if (text.trim() === "") return { data: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { problem: "The data has to be an object." };
  return { data: value as Record<string, unknown> };
}

/** The data of an event that somebody else invoked the function with, without what the server put in. */
export function cleaned(data: unknown): Record<string, unknown> {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return {};
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== "_inngest"));
}
