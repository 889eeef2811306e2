export { SchedulesScreen } from "./schedules-screen";
