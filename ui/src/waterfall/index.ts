export type { View } from "./layout";
export { Waterfall } from "./waterfall";
export { attemptsOf, isWait, segmentsOf } from "./intervals";
export { SEGMENT_WORDS, segmentLook } from "./looks";
export { nameOf, pathTo } from "./rows";
