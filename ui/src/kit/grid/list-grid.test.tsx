import { infiniteQueryOptions } from "@tanstack/react-query";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { List } from "../../api/client";
import type { ListQuery } from "../../api/queries";
import { expectAccessible, renderRouted } from "../testing";
import { ListGrid, useList } from ".";
import { ROWS_MAX } from "./use-list";

interface Row {
  id: string;
}

type Fetch = (cursor: string | undefined) => Promise<List<Row>>;

const columns = [{ id: "name", title: "Name", width: "1fr", cell: (row: Row) => `name ${row.id}` }];
const rows = (from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ id: `r${from + i}` }));

function Page({ fetch, onContinue }: { fetch: Fetch; onContinue?: () => void }) {
  const query = infiniteQueryOptions({
    queryKey: ["rows", {}] as const,
    queryFn: ({ pageParam }) => fetch(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ page }) => page.cursor,
  }) as unknown as ListQuery<Row>;
  const list = useList<Row>(query);
  return (
    <ListGrid
      name="list"
      label="Things"
      what="things"
      list={list}
      columns={columns}
      empty="There is no thing"
      onContinue={onContinue}
    />
  );
}

test("while it loads, it says so; once it failed, why, with a way on", async () => {
  let answer: (list: List<Row>) => void = () => undefined;
  const fetch = vi
    .fn<Fetch>()
    .mockRejectedValueOnce(new Error("the store is away"))
    .mockReturnValue(new Promise((resolve) => (answer = resolve)));
  const { container } = await renderRouted(<Page fetch={fetch} />);
  expect(await screen.findByText("the store is away")).toBeInTheDocument();
  await expectAccessible(container);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("status", { name: "Loading the things" })).toBeInTheDocument();
  answer({ items: [], page: { limit: 100 } });
  expect(await screen.findByText("There is no thing")).toBeInTheDocument();
});

test("a page that fails leaves what there is, and is asked for again only by people", async () => {
  const fetch = vi.fn<Fetch>(async (cursor) => {
    if (cursor !== undefined) throw new Error("the store is away");
    return { items: rows(0, 5), page: { limit: 5, cursor: "c", hasMore: true } };
  });
  await renderRouted(<Page fetch={fetch} />);
  expect(await screen.findByText(/More could not be loaded: the store is away/)).toBeInTheDocument();
  expect(screen.getByText("name r4")).toBeInTheDocument();
  expect(fetch).toHaveBeenCalledTimes(2);
  fetch.mockResolvedValue({ items: rows(5, 5), page: { limit: 5 } });
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("name r9")).toBeInTheDocument();
  expect(screen.getByText("These are all 10.")).toBeInTheDocument();
});

test("it holds so many rows, and then goes on in another list", async () => {
  const fetch = vi.fn<Fetch>(async () => ({
    items: rows(0, ROWS_MAX),
    page: { limit: ROWS_MAX, cursor: "c", hasMore: true },
  }));
  const onContinue = vi.fn();
  await renderRouted(<Page fetch={fetch} onContinue={onContinue} />);
  expect(await screen.findByText(/5,000 things are shown/)).toBeInTheDocument();
  await userEvent.keyboard("j{End}");
  expect(fetch).toHaveBeenCalledOnce();
  await userEvent.click(screen.getByRole("button", { name: "Go on from here" }));
  expect(onContinue).toHaveBeenCalledOnce();
});
