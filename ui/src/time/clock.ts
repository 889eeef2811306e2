/**
 * The time of the server, by which ages are told: the browser's clock may be wrong.
 *
 * Components that show ages share one ticker, which stops while the page is hidden.
 */
import { useSyncExternalStore } from "react";

class ServerClock {
  #offset = 0;

  /** The server said so just now. */
  set(time: string): void {
    const at = Date.parse(time);
    if (!Number.isNaN(at)) this.#offset = at - Date.now();
  }

  now(): number {
    return Date.now() + this.#offset;
  }
}

export const serverClock = new ServerClock();

class Ticker {
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #now = serverClock.now();

  constructor(readonly period: number) {
    if (typeof document !== "undefined") document.addEventListener("visibilitychange", () => this.#arm());
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#now = serverClock.now();
    this.#arm();
    return () => {
      this.#listeners.delete(listener);
      this.#arm();
    };
  };

  now = (): number => this.#now;

  #arm(): void {
    const isWanted = this.#listeners.size > 0 && !document.hidden;
    if (isWanted && this.#timer === undefined) {
      this.#timer = setInterval(() => this.#tick(), this.period);
      this.#tick();
    } else if (!isWanted && this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #tick(): void {
    this.#now = serverClock.now();
    for (const listener of this.#listeners) listener();
  }
}

const ages = new Ticker(1000);
const bars = new Ticker(250);
const never = () => () => undefined;

/** The server's time in milliseconds, to the second. */
export function useNow(isTicking = true): number {
  return useSyncExternalStore(isTicking ? ages.subscribe : never, ages.now);
}

/** The same four times a second, for what grows while one looks. */
export function useFineNow(isTicking: boolean): number {
  return useSyncExternalStore(isTicking ? bars.subscribe : never, bars.now);
}
