import { Inngest, type InngestFunction, NonRetriableError, referenceFunction, RetryAfterError, StepError } from "inngest";
import { createDefer, type DeferredFunction } from "inngest/experimental";
import { serve } from "inngest/node";
import { recordCheckpoints } from "./record.ts";
import { Context, type DeferHandle, type Sdk, type SdkContext, triggersOf } from "./sdk.ts";

/** `defer` as the SDK has it. */
type SdkDefer = (id: string, options: { function: DeferredFunction.Any; data: Record<string, unknown> }) => DeferHandle;

export const v4: Sdk = {
  errors: { NonRetriableError, RetryAfterError, StepError },
  reference: referenceFunction,

  serve({ appId, checkpointing }, definitions, journal) {
    const client = new Inngest({
      id: appId,
      fetch: recordCheckpoints(journal),
      // The default is what most users run, so leave it alone unless it is to be off.
      ...(checkpointing ? {} : { checkpointing: false }),
    });
    const deferred = new Map<string, DeferredFunction.Any>();
    for (const { id, handler } of definitions.filter(({ isDeferred }) => isDeferred)) {
      deferred.set(id, createDefer(client, { id }, (sdk: unknown) => handler(context(sdk))));
    }
    const functions = new Map<string, InngestFunction.Any>();
    for (const definition of definitions.filter(({ isDeferred }) => !isDeferred)) {
      const { id, retries, options, handler, onFailure } = definition;
      const made = client.createFunction(
        {
          id,
          triggers: triggersOf(definition),
          ...(options as object),
          ...(retries === undefined ? {} : { retries: retries as 0 }),
          ...(onFailure === undefined ? {} : { onFailure: (sdk: unknown) => onFailure(context(sdk)) }),
        },
        (sdk: unknown) => handler(context(sdk)),
      );
      functions.set(id, made);
    }
    return serve({ client, functions: [...functions.values(), ...deferred.values()] });

    function context(sdk: unknown): Context {
      const { defer, ...others } = sdk as Omit<SdkContext, "defer"> & { defer: SdkDefer };
      return new Context(
        { ...others, defer: (id, fn, data) => defer(id, { function: deferred.get(fn)!, data }) },
        journal,
        functions,
      );
    }
  },
};
