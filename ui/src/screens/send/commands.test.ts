import { expect, test } from "vitest";
import { quoted } from "../../kit/quoted";
import { commandOf, curlOf } from "./commands";

test.each([
  ["shop/paid", "shop/paid"],
  ["two words", "'two words'"],
  ["it's", `'it'\\''s'`],
  ["$(rm -rf)", "'$(rm -rf)'"],
  ["", "''"],
])("%s in a shell", (text, word) => expect(quoted(text)).toBe(word));

test("curl: a request an event", () => {
  const lines = curlOf([
    { name: "a", data: { b: "it's" } },
    { name: "c", data: {} },
  ]).split("\n");
  expect(lines).toEqual([
    `curl -s http://localhost:3000/v2/events -H 'content-type: application/json' -d '{"name":"a","data":{"b":"it'\\''s"}}'`,
    `curl -s http://localhost:3000/v2/events -H 'content-type: application/json' -d '{"name":"c","data":{}}'`,
  ]);
});

test("the command line", () => {
  expect(commandOf([{ name: "a", data: { b: 1 }, user: { id: 2 }, id: "once" }])).toBe(
    `everstep events send a --url http://localhost:3000 --data '{"b":1}' --user '{"id":2}' --id once`,
  );
});

test("the command line has no option for a time: the event is piped", () => {
  expect(commandOf([{ name: "a", data: {}, ts: 1795910473192 }])).toBe(
    `echo '{"name":"a","data":{},"ts":1795910473192}' | everstep events send --url http://localhost:3000`,
  );
});
