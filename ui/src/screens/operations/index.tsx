export { OperationScreen } from "./operation-screen";
export { OperationsScreen } from "./operations-screen";
