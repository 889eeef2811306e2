import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { settings } from "../../settings";
import { expectAccessible, renderRouted } from "../testing";
import { Grid, GridLink, NOTHING, type Column, type GridProps, type Selection } from ".";

interface Row {
  id: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { id: "name", title: "Name", width: "1fr", cell: (row) => `name ${row.id}` },
  {
    id: "app",
    title: "App",
    width: "8rem",
    cell: (row) => <GridLink to={{ path: `/app-of-${row.id}` }}>app</GridLink>,
  },
  { id: "size", title: "Size", width: "8rem", choice: "hidden", isNumber: true, cell: () => 7 },
];
const rowsOf = (count: number): Row[] => Array.from({ length: count }, (_, i) => ({ id: `r${i}` }));

function Page({
  onChange,
  ...rest
}: Partial<GridProps<Row>> & { onChange?: (selection: Selection) => void }) {
  const [selection, select] = useState(NOTHING);
  return (
    <>
      <button type="button">before</button>
      <Grid
        name="test"
        label="Runs"
        columns={COLUMNS}
        rows={rowsOf(1000)}
        link={(row) => ({ path: `/runs/${row.id}` })}
        selection={selection}
        onSelect={(next) => {
          select(next);
          onChange?.(next);
        }}
        {...rest}
      />
    </>
  );
}

const grid = () => screen.getByRole("grid", { name: "Runs" });
const active = () => document.getElementById(grid().getAttribute("aria-activedescendant") ?? "");
const selected = () => within(grid()).getAllByRole("row", { selected: true });
const keys = (text: string) => userEvent.keyboard(text);

afterEach(() => {
  settings.set("columns.test", "");
  vi.restoreAllMocks();
});

test("of many rows those in view are in the page, and it says how many there are", async () => {
  const { container } = await renderRouted(<Page />);
  expect(grid()).toHaveAttribute("aria-rowcount", "1001");
  const rows = within(grid()).getAllByRole("row");
  expect(rows[1]).toHaveAttribute("aria-rowindex", "2");
  expect(rows[1]).toHaveTextContent("name r0");
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.length).toBeLessThan(60);
  await expectAccessible(container);
});

test("it is one stop for Tab", async () => {
  await renderRouted(<Page columns={COLUMNS.slice(0, 2)} />);
  screen.getByText("before").focus();
  await userEvent.tab();
  expect(grid()).toHaveFocus();
  expect(active()).toHaveTextContent("name r0");
  await userEvent.tab();
  expect(document.body).toHaveFocus();
});

test("j leads into it, and keys move through rows and cells", async () => {
  await renderRouted(<Page />);
  await keys("jjjk");
  expect(grid()).toHaveFocus();
  expect(active()).toHaveRole("row");
  expect(active()).toHaveTextContent("name r1");
  await keys("{ArrowRight}");
  expect(active()).toHaveRole("gridcell");
  expect(active()).toHaveTextContent("name r1");
  await keys("{ArrowLeft}{End}");
  expect(active()).toHaveTextContent("name r999");
});

test("one stays with one's row as others come before it", async () => {
  function Growing() {
    const [rows, setRows] = useState(rowsOf(3));
    return (
      <>
        <button type="button" onClick={() => setRows([{ id: "new" }, ...rows])}>
          grow
        </button>
        <Page rows={rows} />
      </>
    );
  }
  await renderRouted(<Growing />);
  await keys("jj");
  screen.getByText("grow").click();
  expect(await screen.findByText("name new")).toBeInTheDocument();
  expect(active()).toHaveTextContent("name r1");
});

test("Enter opens the row, and what is in the cell that one is in", async () => {
  const { router } = await renderRouted(<Page />);
  await keys("jj{Enter}");
  await vi.waitFor(() => expect(router.state.location.pathname).toBe("/runs/r1"));
  await keys("{ArrowRight}{ArrowRight}{Enter}");
  await vi.waitFor(() => expect(router.state.location.pathname).toBe("/app-of-r1"));
});

test("with Ctrl it opens in a new tab, by key and by click", async () => {
  const open = vi.spyOn(window, "open").mockReturnValue(null);
  const { router } = await renderRouted(<Page />);
  await keys("j{Control>}{Enter}{/Control}");
  expect(open.mock.lastCall?.[0]).toMatch(/\/runs\/r0$/);
  const user = userEvent.setup();
  await user.keyboard("{Control>}");
  await user.click(screen.getByText("name r2"));
  expect(open.mock.lastCall?.[0]).toMatch(/\/runs\/r2$/);
  expect(router.state.location.pathname).toBe("/");
});

test("a click opens the row, but not one on a link in it", async () => {
  const { router } = await renderRouted(<Page />);
  await userEvent.click(screen.getByText("name r1"));
  await vi.waitFor(() => expect(router.state.location.pathname).toBe("/runs/r1"));
  const [first] = screen.getAllByRole("link", { name: "app" });
  if (first) await userEvent.click(first);
  await vi.waitFor(() => expect(router.state.location.pathname).toBe("/app-of-r0"));
});

test("x selects, Shift extends and shrinks the range, Esc clears", async () => {
  const onChange = vi.fn<(selection: Selection) => void>();
  await renderRouted(<Page onChange={onChange} />);
  const ids = () => [...(onChange.mock.lastCall?.[0].ids ?? [])];
  await keys("jx");
  expect(ids()).toEqual(["r0"]);
  await keys("jj{Shift>}jj{/Shift}");
  expect(ids()).toEqual(["r0", "r2", "r3", "r4"]);
  await keys("{Shift>}k{/Shift}");
  expect(ids()).toEqual(["r0", "r2", "r3"]);
  expect(selected()).toHaveLength(3);
  await keys("{Escape}");
  expect(ids()).toEqual([]);
});

test("Ctrl A selects what is loaded, and again everything", async () => {
  const onChange = vi.fn<(selection: Selection) => void>();
  await renderRouted(<Page onChange={onChange} rows={rowsOf(3)} canSelectEverything />);
  await keys("j{Control>}a{/Control}");
  expect(onChange.mock.lastCall?.[0]).toMatchObject({ isEverything: false });
  await keys("{Control>}a{/Control}");
  expect(onChange.mock.lastCall?.[0]).toMatchObject({ isEverything: true });
});

test("checkboxes select without opening, with Shift a range, and the grid keeps the focus", async () => {
  const onChange = vi.fn<(selection: Selection) => void>();
  const { router } = await renderRouted(<Page onChange={onChange} />);
  const boxes = screen.getAllByRole("checkbox", { name: "Select the row" });
  const user = userEvent.setup();
  await user.click(boxes[1]?.parentElement as HTMLElement);
  await user.keyboard("{Shift>}");
  await user.click(boxes[3]?.parentElement as HTMLElement);
  expect([...(onChange.mock.lastCall?.[0].ids ?? [])]).toEqual(["r1", "r2", "r3"]);
  expect(grid()).toHaveFocus();
  expect(router.state.location.pathname).toBe("/");
});

test("space looks at a row, the look goes along, and ends with space and Esc", async () => {
  const onPeek = vi.fn<(row: Row | undefined) => void>();
  function Peeking() {
    const [peeked, setPeeked] = useState<string>();
    const peek = (row: Row | undefined) => {
      onPeek(row);
      setPeeked(row?.id);
    };
    return <Page peeked={peeked} onPeek={peek} />;
  }
  await renderRouted(<Peeking />);
  await keys("jj[Space]");
  expect(onPeek).toHaveBeenCalledExactlyOnceWith({ id: "r1" });
  await keys("j");
  expect(onPeek).toHaveBeenLastCalledWith({ id: "r2" });
  await keys("[Space]");
  expect(onPeek).toHaveBeenLastCalledWith(undefined);
  await keys("j");
  expect(onPeek).toHaveBeenCalledTimes(3);
  await keys("[Space]{Escape}");
  expect(onPeek.mock.calls.slice(-2)).toEqual([[{ id: "r3" }], [undefined]]);
});

test("more is asked for near the end, and once", async () => {
  const onEndReached = vi.fn();
  await renderRouted(<Page onEndReached={onEndReached} hasMore />);
  expect(grid()).toHaveAttribute("aria-rowcount", "-1");
  expect(onEndReached).not.toHaveBeenCalled();
  await renderRouted(<Page onEndReached={onEndReached} label="Short" rows={rowsOf(10)} />);
  expect(onEndReached).toHaveBeenCalledOnce();
});

test("new rows wait behind a button, and n shows them", async () => {
  const onShowNew = vi.fn();
  Element.prototype.scrollTo = vi.fn<() => void>();
  await renderRouted(<Page unseen={1200} onShowNew={onShowNew} />);
  expect(screen.getByRole("button", { name: "1,200 new" })).toBeInTheDocument();
  await keys("n");
  expect(onShowNew).toHaveBeenCalledOnce();
});

test("who has the focus in it is not moved", async () => {
  const onFollowing = vi.fn();
  await renderRouted(<Page onFollowing={onFollowing} />);
  expect(onFollowing.mock.lastCall).toEqual([true]);
  await keys("j");
  expect(onFollowing.mock.lastCall).toEqual([false]);
  await userEvent.click(screen.getByText("before"));
  expect(onFollowing.mock.lastCall).toEqual([true]);
});

test("columns are chosen, and the browser keeps it", async () => {
  await renderRouted(<Page />);
  expect(screen.queryByRole("columnheader", { name: "Size" })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Columns" }));
  await userEvent.click(screen.getByRole("menuitemcheckbox", { name: "Size" }));
  await keys("{Escape}");
  expect(screen.getByRole("columnheader", { name: "Size" })).toBeInTheDocument();
  expect(localStorage.getItem("everstep.columns.test")).toBe("size");
});
