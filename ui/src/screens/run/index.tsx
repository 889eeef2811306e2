export { CompareScreen } from "./compare-screen";
export { RunScreen } from "./run-screen";
