/** The stages of a look at a URL, in their order: those after one that failed were not tried. */
import type { ProbeReport, ProbeStage } from "../../api/types";

export interface StageRow {
  name: string;
  title: string;
  stage: ProbeStage | undefined;
}

const TITLES: Record<string, string> = {
  dns: "The name has an address",
  tcp: "Something listens",
  tls: "TLS",
  http: "It answers",
  sdk: "It is an app",
  mode: "It talks to this server",
  functions: "It has functions",
};

export function stageRows({ url, stages }: ProbeReport): StageRow[] {
  const isSecure = url.startsWith("https:");
  const names = Object.keys(TITLES).filter((name) => name !== "tls" || isSecure);
  // A stage that is new here is shown under its own name.
  const others = stages.map(({ name }) => name).filter((name) => !names.includes(name));
  return [...names, ...others].map((name) => ({
    name,
    title: TITLES[name] ?? name,
    stage: stages.find((stage) => stage.name === name),
  }));
}
