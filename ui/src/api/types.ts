/**
 * What the API answers with (`/v2`, and `/v1/…/explain`): members that are empty are left out.
 *
 * These are written by hand because they say more than the description of the API does: which words there are, and what
 * is never null. `e2e/browser/types.test.ts` holds them against it.
 */

export type RunStatus = "QUEUED" | "RUNNING" | "COMPLETED" | "FAILED" | "CANCELLED";
export type SpanStatus = RunStatus | "WAITING" | "SKIPPED";

export interface Run {
  id: string;
  function: { id: string; name: string; app: { id: string } };
  app: { id: string };
  status: RunStatus;
  isSkipped?: boolean;
  queuedAt: string;
  startedAt?: string;
  endedAt?: string;
  durationMs?: string;
  trigger: {
    eventIds?: string[];
    eventName?: string;
    isBatch?: boolean;
    batchId?: string;
    cronSchedule?: string;
  };
  attributes?: Record<string, string>;
  output?: unknown;
}

/** A value of runs by which they are found, declared for all functions. */
export interface Attribute {
  name: string;
  /** Over the event of the run. */
  expression: string;
  createdAt: string;
}

export interface StepInfo {
  sleepUntil?: string;
  eventName?: string;
  expression?: string;
  signal?: string;
  timeout?: string;
  timedOut?: boolean;
  foundEventID?: string;
  triggeringEventID?: string;
  functionID?: string;
  runID?: string;
  [name: string]: unknown;
}

export interface Timing {
  backoffMs?: number;
  queuedMs?: number;
  callMs?: number;
  firstByteMs?: number;
  connectMs?: number;
  userCodeMs?: number;
}

export interface Link {
  eventId: string;
  runs?: { id: string; functionId: string; status: RunStatus }[];
}

export interface Span {
  id: string;
  name: string;
  status: SpanStatus;
  stepOp?: string;
  stepId?: string;
  stepType?: string;
  stepInfo?: StepInfo;
  attempts?: number;
  durationMs?: string;
  queuedAt: string;
  startedAt?: string;
  endedAt?: string;
  httpStatus?: number;
  timing?: Timing;
  input?: unknown;
  /** Bytes of an input that was too large to be kept. */
  inputSize?: string;
  output?: unknown;
  error?: StepError;
  request?: unknown;
  /** Values are JSON texts. */
  metadata?: { scope: string; kind: string; values: Record<string, string>; updatedAt: string }[];
  links?: Link[];
  userland?: Record<string, unknown>;
  skipReason?: string;
  skipExistingRunId?: string;
  children?: Span[];
}

export interface StepError {
  name?: string;
  message?: string;
  stack?: string;
  cause?: unknown;
  [name: string]: unknown;
}

/** What a rerun would keep, and what it would run again. */
export interface RerunPlan {
  reused?: PlannedStep[];
  again?: PlannedStep[];
}

export interface PlannedStep {
  id: string;
  name: string;
  isFailed?: boolean;
}

export interface Call {
  spanId: string;
  requestId: string;
  stepId?: string;
  attempt?: number;
  outcome: "SUCCEEDED" | "RETRIED" | "FAILED";
  dueAt: string;
  startedAt: string;
  durationMs: number;
  httpStatus?: number;
  error?: StepError;
}

export interface Trace {
  runId: string;
  rootSpan: Span;
  calls?: Call[];
}

export interface Event {
  id: string;
  name: string;
  senderId?: string;
  ts: string;
  receivedAt: string;
  data?: unknown;
  runCount?: number;
  skipCount?: number;
}

/** An event as it was received (`/v1`). */
export interface EventRecord {
  /** That its sender gave it; else the same as `internal_id`. */
  id: string;
  internal_id: string;
  name: string;
  data?: unknown;
  user?: unknown;
  v?: string;
  /** Unix milliseconds. */
  ts: number;
  received_at: string;
}

export interface Reason {
  kind: string;
  text: string;
  since?: string;
  until?: string;
  step?: string;
  limit?: Limit;
  condition?: string;
  nearMisses?: unknown[];
  error?: StepError;
  [name: string]: unknown;
}

export interface Limit {
  id: string;
  name: string;
  key?: { expression: string; value: unknown } | null;
  inUse?: number | null;
  most?: number | null;
  /** Whether it lets one more call go. */
  admits?: boolean;
  until?: string | null;
  holders?: { runId: string; since: string }[];
}

export interface RunExplanation {
  runId: string;
  status: string;
  summary: string;
  reasons?: Reason[];
}

export interface EventExplanation {
  eventId: string;
  name: string;
  summary: string;
  functions?: {
    function: string;
    functionId: string;
    runs?: { runId: string; status: string }[];
    skip?: { reason: string; detail?: string | null } | null;
    text: string;
  }[];
}

export interface App {
  id: string;
  name: string;
  method: "SERVE" | "API";
  appVersion?: string;
  createdAt: string;
  archivedAt?: string;
  functionCount?: number;
  latestSync?: {
    /** `SUCCESS`, `PENDING` or `ERROR`. */
    status: string;
    /** None if no app has registered from there yet. */
    syncedAt?: string;
    sdkLanguage?: string;
    sdkVersion?: string;
    framework?: string;
    url: string;
    appVersion?: string;
    error?: AppError;
  };
}

/** Why an app can't be synced. */
export interface AppError {
  code: string;
  message: string;
  /** What to do. */
  hint?: string;
}

/** How it went to ask an app for its functions. */
export interface Sync {
  status: "success" | "pending" | "error";
  appId?: string;
  url: string;
  functionCount?: number;
  error?: AppError;
}

/** What is at a URL: looked at stage by stage, until one fails. */
export interface ProbeReport {
  url: string;
  isPassed: boolean;
  stages: ProbeStage[];
}

export interface ProbeStage {
  name: string;
  status: "passed" | "failed";
  durationMs?: number;
  /** What was seen. */
  detail?: string;
  error?: AppError;
}

export interface Trigger {
  type: "EVENT" | "CRON";
  value: string;
  if?: string;
}

export interface Function {
  id: string;
  name: string;
  slug: string;
  isPaused?: boolean;
  isArchived?: boolean;
  app: { id: string };
  triggers?: Trigger[];
  failureHandler?: { slug: string; name: string };
  configuration: Record<string, unknown>;
}

export interface InvokedRun {
  runId: string;
  queuedAt: string;
}

/** `GET /dev`: what the development server knows of apps, and of those that it could not sync. */
export interface DevInfo {
  apps: DevApp[];
  isSingleNodeService?: boolean;
  version?: string;
  startOpts?: StartOptions;
}

/** With what the server was started, as far as it concerns others. */
export interface StartOptions {
  dir?: string;
  urls?: string[];
  autodiscover?: boolean;
  poll?: boolean;
  /** Seconds. */
  poll_interval?: number;
  /** Seconds; 0 is the table of delays. */
  retry_interval?: number;
  queue_workers?: number;
  require_keys?: boolean;
  persist?: boolean;
  sqlite_dir?: string;
}

export interface DevApp {
  app_id?: string;
  name?: string;
  url: string;
  state: string;
  error?: string | { code?: string; message?: string; hint?: string } | null;
  framework?: string | null;
  sdk?: string | null;
  functions?: number;
  since?: string;
  synced_at?: string;
}

export interface Spread {
  max: number;
  mean: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface RunCounts {
  scheduled: number;
  started: number;
  completed: number;
  failed: number;
  cancelled: number;
  skipped: number;
  durationMs?: Spread;
  queueDelayMs?: Spread;
}

export interface RunMetrics {
  bucket: string;
  from: string;
  until: string;
  buckets: RunBucket[];
  total: RunCounts;
  /** Of those to whose runs something happened, if they were asked for. */
  functions?: FunctionMetrics[];
}

export type RunBucket = RunCounts & { start: string };

export interface FunctionMetrics {
  functionId: string;
  functionSlug: string;
  buckets: RunBucket[];
  total: RunCounts;
}

export interface OperationCounts {
  matched: number;
  done: number;
  skipped: number;
  failed: number;
}

export interface Operation {
  id: string;
  kind: "cancel" | "replay" | "resume";
  state: "RUNNING" | "ABORTING" | "ABORTED" | "STOPPED" | "FAILED" | "COMPLETED";
  filter: Record<string, unknown>;
  words: string;
  ratePerSecond?: number;
  stopOnErrorPercent?: number;
  actor?: string;
  reason?: string;
  counts: OperationCounts;
  /** Why it failed: the runs that it is about can't be told. */
  failure?: string;
  errors?: { runId: string; message: string }[];
  createdAt: string;
  endedAt?: string;
}

export interface OperationPreview {
  words: string;
  count: number;
  isExact: boolean;
  /** Runs from this time on were looked at, if a search did not come to its end. */
  scannedTo?: string;
  sample?: Run[];
}

export interface ErrorGroup {
  id: string;
  status: "open" | "resolved" | "ignored";
  name?: string | null;
  message?: string | null;
  step?: string | null;
  stepId?: string | null;
  /** Its slug. */
  function?: string | null;
  functionId: string;
  runs: number;
  lastRunId: string;
  firstSeen: string;
  lastSeen: string;
  /** It was resolved, and was seen again since. */
  isBack?: boolean;
  ignoredUntil?: string | null;
  decidedAt?: string | null;
  /** How many runs failed with it, over time, if that was asked for. */
  counts?: { from: string; bucket: string; runs: number[] };
}

/** What of every function runs and waits, in short (`GET /v2/flow`). */
export interface FlowSummary {
  functionId: string;
  /** Its slug. */
  function: string;
  inUse?: number;
  /** How many calls there may be at once, whatever their keys are. */
  limit?: number;
  backlog?: number;
  oldestAgeMs?: number;
  blockedBy?: Limit[];
  pause?: Pause;
  overrides?: number;
  debounces?: number;
  batches?: number;
  singletons?: number;
  /** Places among the runs that are taken. */
  places?: number;
}

/** What of a function runs and waits (`GET /v2/functions/{function}/flow`). */
export interface FlowReport {
  /** When it was read, in milliseconds of the server. */
  readAt: number;
  functionId: string;
  /** Its slug. */
  function: string;
  inUse: number;
  backlog: number;
  oldestAgeMs?: number | null;
  meanCallMs: number;
  pause?: Pause | null;
  overrides?: Override[];
  limits?: Limit[];
  lanes?: Lane[];
  lanesTotal?: number;
  debounces?: Debounce[];
  batches?: Batch[];
  holders?: Hold[];
}

export interface Pause {
  newRuns: "skip" | "queue";
  running: "finish" | "hold";
  reason?: string | null;
  pausedAt: string;
}

/** A limit that is set beside the code. */
export interface Override {
  limit: LimitName;
  key?: string | null;
  value: number;
  /** What the code says; nothing if it does not have the limit any more. */
  codeValue?: number | null;
  drift?: number | null;
  periodMs?: number | null;
  burst?: number | null;
  reason?: string | null;
  createdAt: string;
  expiresAt?: string | null;
}

export type LimitName = "concurrency" | "second_concurrency" | "run_concurrency" | "throttle" | "rate_limit";

/** Calls of a function with the same keys: they wait for one another. */
export interface Lane {
  keys?: Record<string, unknown> | null;
  inUse: number;
  backlog: number;
  oldestAgeMs?: number | null;
  limits?: Limit[];
  blockedBy?: Limit[];
}

export interface Debounce {
  id: string;
  key?: string | null;
  event: { id: string; payload?: { name?: string; data?: unknown } | null };
  events: number;
  openedAt: string;
  fireAt: string;
}

export interface Batch {
  id: string;
  key?: string | null;
  events: number;
  bytes: number;
  openedAt: string;
  fireAt: string;
}

export interface Hold {
  limit: string;
  runId: string;
  kind: "run_concurrency" | "singleton";
  key?: string | null;
  since: string;
}

export interface FunctionExplanation {
  functionId: string;
  summary: string;
  reasons?: Reason[];
}

/** The server (`GET /v2/system`). */
export interface SystemInfo {
  version: string;
  startedAt: string;
  uptimeMs: number;
  limits: Record<
    | "callsInFlight"
    | "callsPerApp"
    | "callDurationMs"
    | "callReplyBytes"
    | "eventBytes"
    | "eventsPerRequest"
    | "runStateBytes"
    | "runSteps"
    | "stepOutputBytes"
    | "sleepMs"
    | "retries"
    | "attributes"
    | "overrides"
    | "operationsOpen"
    | "cancellationsOpen"
    | "liveConnections",
    number
  >;
}

export interface StorageUse {
  rows: number;
  bytes: number;
}

/** How much is stored, and what retention does about it. */
export interface Storage {
  fileBytes: number;
  usedBytes: number;
  oldestRun?: string | null;
  oldestEvent?: string | null;
  /** By kind of history; nothing if the tables were not measured. */
  classes?: Record<string, StorageUse> | null;
  tables?: (StorageUse & { table: string })[] | null;
  /** What is not set is for ever, and any size. */
  retention: {
    runs?: string | null;
    events?: string | null;
    traces?: string | null;
    sizeBytes?: number | null;
  };
  removedRows?: number;
  lastPortion?: { history: string; at: string; removedRows: number; tookMs: number } | null;
  lookedAt?: string | null;
}

export interface AuditEntry {
  id: string;
  at: string;
  /** As they say themselves. */
  actor?: string;
  action: string;
  target: {
    runId?: string;
    stepId?: string;
    functionId?: string;
    functionSlug?: string;
    operationId?: string;
  };
  reason?: string;
  detail?: Record<string, unknown>;
}

/** When a function runs by the clock. */
export interface Schedule {
  function: { id: string; name: string; slug: string; app: { id: string } };
  /** As the function names it: with its time zone, if it has one. */
  cron: string;
  timeZone: string;
  /** A run starts up to so much later. */
  jitter?: string;
  nextAt?: string[];
  isPaused?: boolean;
  lastRun?: Run;
}
