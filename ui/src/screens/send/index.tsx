export { SendScreen } from "./send-screen";
