import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A condition that comes late on a busy machine is met all the same; one that never comes fails.
configure({ asyncUtilTimeout: 8_000 });

afterEach(cleanup);
