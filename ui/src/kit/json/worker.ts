/** The worker for large values: a task comes in, its result goes out. */
import { perform, type Task } from "./work";

self.onmessage = (event: MessageEvent<Task>) => self.postMessage(perform(event.data));
