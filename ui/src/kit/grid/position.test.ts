import { expect, test } from "vitest";
import { moved } from "./position";

const size = { rows: 100, cells: 3, page: 10 };

test.each([
  ["j", { row: 4, cell: -1 }, { row: 5, cell: -1 }],
  ["ArrowDown", { row: 99, cell: 1 }, { row: 99, cell: 1 }],
  ["ArrowDown", { row: -1, cell: -1 }, { row: 0, cell: -1 }],
  ["k", { row: 0, cell: -1 }, { row: 0, cell: -1 }],
  ["ArrowUp", { row: 5, cell: 2 }, { row: 4, cell: 2 }],
  ["PageDown", { row: 5, cell: -1 }, { row: 14, cell: -1 }],
  ["PageUp", { row: 5, cell: -1 }, { row: 0, cell: -1 }],
  ["Home", { row: 5, cell: -1 }, { row: 0, cell: -1 }],
  ["End", { row: 5, cell: -1 }, { row: 99, cell: -1 }],
  ["ArrowRight", { row: 5, cell: -1 }, { row: 5, cell: 0 }],
  ["ArrowRight", { row: 5, cell: 2 }, { row: 5, cell: 2 }],
  ["ArrowLeft", { row: 5, cell: 0 }, { row: 5, cell: -1 }],
  ["q", { row: 5, cell: 0 }, undefined],
])("%s from %j leads to %j", (key, from, to) => expect(moved(from, key, size)).toEqual(to));
