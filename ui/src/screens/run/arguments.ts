/** The input of a step as people write it: the list of its arguments. */

export interface Arguments {
  input: unknown[] | undefined;
  /** What is wrong with the text. */
  problem: string | undefined;
}

/** Those that were recorded are used. */
export const UNCHANGED: Arguments = { input: undefined, problem: undefined };

export function readArguments(text: string): Arguments {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    return refused(`This is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(input))
    return refused("The input must be a list: the arguments of the step, such as [1].");
  return { input, problem: undefined };
}

function refused(problem: string): Arguments {
  return { input: undefined, problem };
}
