/** The frames of a stack of JavaScript or Python, and which are of the app itself. */

export interface Frame {
  text: string;
  isOwn: boolean;
}

const FRAME = /^\s+at |^\s*File "/;
const FOREIGN = /node_modules|node:internal|\(node:|site-packages|<anonymous>|native code/;

export function framesOf(stack: string): Frame[] {
  const lines = stack.split("\n").filter((line) => line.trim() !== "");
  const frames = lines.filter((line) => FRAME.test(line));
  // What is no stack that is known is shown as it is.
  if (frames.length === 0) return lines.map((text) => ({ text, isOwn: true }));
  return frames.map((line) => ({ text: line.trim(), isOwn: !FOREIGN.test(line) }));
}
