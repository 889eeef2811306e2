import { expect, test } from "vitest";
import { messageOf } from "./failure";

test.each([
  [{ name: "Error", message: "declined" }, "declined"],
  [{ name: "TimeoutError", message: "" }, "TimeoutError"],
  ["out of memory", "out of memory"],
  [undefined, "An error without a message"],
  [{ message: 3 }, "An error without a message"],
])("%j", (output, message) => expect(messageOf(output)).toBe(message));
