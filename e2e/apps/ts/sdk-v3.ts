import { Inngest, NonRetriableError, RetryAfterError, StepError } from "inngest-v3";
import { serve } from "inngest-v3/node";
import { Context, type Sdk, type SdkContext } from "./sdk.ts";

export const v3: Sdk = {
  errors: { NonRetriableError, RetryAfterError, StepError },

  serve({ appId }, definitions, journal) {
    // Checkpointing stays off, which is the default of this version.
    const client = new Inngest({ id: appId });
    const functions = definitions.map(({ id, events, retries, handler, onFailure }) =>
      client.createFunction(
        {
          id,
          ...(retries === undefined ? {} : { retries: retries as 0 }),
          ...(onFailure === undefined ? {} : { onFailure: (sdk: unknown) => onFailure(context(sdk)) }),
        },
        events.map((event) => ({ event })) as [{ event: string }],
        (sdk: unknown) => handler(context(sdk)),
      ),
    );
    return serve({ client, functions });

    function context(sdk: unknown): Context {
      return new Context(sdk as SdkContext, journal);
    }
  },
};
