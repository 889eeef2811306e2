export { EventScreen } from "./event-screen";
