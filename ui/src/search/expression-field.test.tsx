import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeServer, fakeLive } from "../api/testing";
import { expectAccessible, renderRouted } from "../kit/testing";
import { ExpressionField } from "./expression-field";

const answers = () => ({
  "/v2/events": [{ id: "e", name: "shop/paid", data: { amount: 5, customer: { id: 1 } } }],
  "/v2/apps": [{ id: "shop" }],
  "/v2/apps/shop/functions": [{ id: "pay", name: "Pay", slug: "shop-pay", app: { id: "shop" } }],
  "/v2/attributes": [{ name: "tenant", expression: "event.data.tenant", createdAt: "" }],
  "/v2/search/validate": { isValid: true },
});

beforeEach(fakeLive);

async function open() {
  const server = new FakeServer(answers());
  const onChange = vi.fn();
  const { container } = await renderRouted(
    <ExpressionField over="runs" value={undefined} placeholder="" onChange={onChange} />,
  );
  return { server, onChange, container, field: screen.getByRole("combobox", { name: /Expression/ }) };
}

test("names that are in the data are suggested, and picked by keys", async () => {
  const { onChange, container, field } = await open();
  await userEvent.type(field, "event.data.cu");
  await screen.findByRole("option", { name: "event.data.customer.id" });
  await expectAccessible(container);
  await userEvent.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  expect(field).toHaveValue("event.data.customer.id");
  expect(field).toHaveAttribute("aria-expanded", "false");
  await userEvent.type(field, " == 1{Enter}");
  await waitFor(() => expect(onChange).toHaveBeenCalledWith("event.data.customer.id == 1"));
});

test("functions and attributes are known by name; a click picks one, and Escape closes the list", async () => {
  const { field } = await open();
  await userEvent.type(field, 'fn.slug == "');
  await userEvent.click(await screen.findByRole("option", { name: 'shop-pay"' }));
  expect(field).toHaveValue('fn.slug == "shop-pay"');
  expect(field).toHaveFocus();
  await userEvent.type(field, " && run.ta");
  expect(await screen.findByRole("option", { name: "run.tags.tenant" })).toBeVisible();
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("option")).not.toBeInTheDocument();
});

test("nothing is read for it before one writes, and Enter without a choice searches", async () => {
  const { server, onChange, field } = await open();
  expect(server.asked).toEqual([]);
  await userEvent.type(field, "run.st{Enter}");
  await waitFor(() => expect(onChange).toHaveBeenCalledWith("run.st"));
});
