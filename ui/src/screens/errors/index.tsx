export { ErrorsScreen } from "./errors-screen";
export { ErrorGroupScreen } from "./group-screen";
