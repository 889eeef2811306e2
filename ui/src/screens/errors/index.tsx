export { ErrorGroupScreen } from "./group-screen";
