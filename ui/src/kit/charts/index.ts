export { bucketsOf, ended, failureRate, percent, type Bucket } from "./buckets";
export { Sparkbars, Sparkline } from "./sparkline";
export type { Series, Span } from "./series";
export { TimeChart } from "./time-chart";
