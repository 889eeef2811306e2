/**
 * Runs something at once, and then at most once in a period: what is asked for meanwhile is one more run after it.
 * Something that takes long is not run while it runs, and rests as long as it took.
 */
export class Throttle {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isBusy = false;
  #again: (() => unknown) | undefined;

  constructor(readonly period: number) {}

  run(work: () => unknown): void {
    if (this.#isBusy) {
      this.#again = work;
      return;
    }
    this.#isBusy = true;
    const start = performance.now();
    void Promise.resolve(work())
      .catch(() => undefined)
      .then(() => {
        const took = performance.now() - start;
        this.#timer = setTimeout(() => this.#rested(), Math.max(this.period - took, took));
      });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#again = undefined;
    this.#isBusy = false;
  }

  #rested(): void {
    this.#isBusy = false;
    const again = this.#again;
    this.#again = undefined;
    if (again) this.run(again);
  }
}
