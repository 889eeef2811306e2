export { EventsScreen } from "./events-screen";
