/** What the URL says of the schedules: in which order they are. */
import { useUrlSearch } from "../../url/navigation";
import { one } from "../../url/search";
import type { SchedulesSearch } from "../../url/searches";
import { ORDERS, type Order } from "./schedules";

export function useOrder(): [Order, (order: Order) => void] {
  const { search, replace } = useUrlSearch<SchedulesSearch>();
  const change = (order: Order) => replace(order === "function" ? {} : { order });
  return [ORDERS.find((it) => it === one(search["order"])) ?? "function", change];
}
