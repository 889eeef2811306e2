export { bucketsOf, ended, failureRate, percent, type Bucket } from "./buckets";
export { runSeries, type RunSeries } from "./run-series";
export { Sparkbars, Sparkline } from "./sparkline";
export type { Series, Span } from "./series";
export { TimeChart } from "./time-chart";
