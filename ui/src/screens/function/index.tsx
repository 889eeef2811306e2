export { FunctionScreen } from "./function-screen";
