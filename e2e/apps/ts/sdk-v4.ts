import { Inngest, NonRetriableError, RetryAfterError, StepError } from "inngest";
import { createDefer, type DeferredFunction } from "inngest/experimental";
import { serve } from "inngest/node";
import { recordCheckpoints } from "./record.ts";
import { Context, type DeferHandle, type Sdk, type SdkContext } from "./sdk.ts";

/** `defer` as the SDK has it. */
type SdkDefer = (id: string, options: { function: DeferredFunction.Any; data: Record<string, unknown> }) => DeferHandle;

export const v4: Sdk = {
  errors: { NonRetriableError, RetryAfterError, StepError },

  serve({ appId, checkpointing }, definitions, journal) {
    const client = new Inngest({
      id: appId,
      fetch: recordCheckpoints(journal),
      // The default is what most users run, so leave it alone unless it is to be off.
      ...(checkpointing ? {} : { checkpointing: false }),
    });
    const deferred = new Map<string, DeferredFunction.Any>();
    for (const { id, handler } of definitions.filter(({ events }) => events.length === 0)) {
      deferred.set(id, createDefer(client, { id }, (sdk: unknown) => handler(context(sdk))));
    }
    const triggered = definitions.filter(({ events }) => events.length > 0);
    const functions = triggered.map(({ id, events, retries, handler, onFailure }) =>
      client.createFunction(
        {
          id,
          triggers: events.map((event) => ({ event })),
          ...(retries === undefined ? {} : { retries: retries as 0 }),
          ...(onFailure === undefined ? {} : { onFailure: (sdk: unknown) => onFailure(context(sdk)) }),
        },
        (sdk: unknown) => handler(context(sdk)),
      ),
    );
    return serve({ client, functions: [...functions, ...deferred.values()] });

    function context(sdk: unknown): Context {
      const { defer, ...others } = sdk as Omit<SdkContext, "defer"> & { defer: SdkDefer };
      return new Context(
        { ...others, defer: (id, fn, data) => defer(id, { function: deferred.get(fn)!, data }) },
        journal,
      );
    }
  },
};
