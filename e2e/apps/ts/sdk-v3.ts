import { Inngest, type InngestFunction, NonRetriableError, referenceFunction, RetryAfterError, StepError } from "inngest-v3";
import { serve } from "inngest-v3/node";
import { Context, type Sdk, type SdkContext, triggersOf } from "./sdk.ts";

export const v3: Sdk = {
  errors: { NonRetriableError, RetryAfterError, StepError },
  reference: referenceFunction,

  serve({ appId }, definitions, journal) {
    // Checkpointing stays off, which is the default of this version.
    const client = new Inngest({ id: appId });
    const functions = new Map<string, InngestFunction.Any>();
    for (const definition of definitions) {
      const { id, retries, options, handler, onFailure } = definition;
      const made = client.createFunction(
        {
          id,
          ...(options as object),
          ...(retries === undefined ? {} : { retries: retries as 0 }),
          ...(onFailure === undefined ? {} : { onFailure: (sdk: unknown) => onFailure(context(sdk)) }),
        },
        triggersOf(definition) as [{ event: string }],
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
