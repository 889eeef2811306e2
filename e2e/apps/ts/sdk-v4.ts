import { Inngest, type InngestFunction, NonRetriableError, referenceFunction, RetryAfterError, StepError } from "inngest";
import { serve } from "inngest/node";
import { recordCheckpoints } from "./record.ts";
import { Context, type Sdk, type SdkContext, triggersOf } from "./sdk.ts";

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
    const functions = new Map<string, InngestFunction.Any>();
    for (const definition of definitions) {
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
    return serve({ client, functions: [...functions.values()] });

    function context(sdk: unknown): Context {
      return new Context(sdk as SdkContext, journal, functions);
    }
  },
};
