export { FlowScreen } from "./flow-screen";
