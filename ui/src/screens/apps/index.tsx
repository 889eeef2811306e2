export { AppScreen } from "./app-screen";
export { AppsScreen } from "./apps-screen";
