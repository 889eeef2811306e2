import { Inngest, NonRetriableError, RetryAfterError, StepError } from "inngest";
import { serve } from "inngest/node";
import { recordCheckpoints } from "./record.ts";
import { Context, type Sdk, type SdkContext } from "./sdk.ts";

export const v4: Sdk = {
  errors: { NonRetriableError, RetryAfterError, StepError },

  serve({ appId, checkpointing }, definitions, journal) {
    const client = new Inngest({
      id: appId,
      fetch: recordCheckpoints(journal),
      // The default is what most users run, so leave it alone unless it is to be off.
      ...(checkpointing ? {} : { checkpointing: false }),
    });
    const functions = definitions.map(({ id, events, retries, handler, onFailure }) =>
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
    return serve({ client, functions });

    function context(sdk: unknown): Context {
      return new Context(sdk as SdkContext, journal);
    }
  },
};
