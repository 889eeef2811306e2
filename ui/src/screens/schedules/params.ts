/** What the URL says of the schedules: in which order they are. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { one, type Search } from "../../url/search";
import { ORDERS, type Order } from "./schedules";

export function useOrder(): [Order, (order: Order) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = (order: Order) =>
    void navigate({ to: ".", search: order === "function" ? {} : { order }, replace: true } as never);
  return [ORDERS.find((it) => it === one(search["order"])) ?? "function", change];
}
