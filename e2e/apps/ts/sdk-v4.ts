import { Inngest, type InngestFunction, type Middleware, NonRetriableError, referenceFunction, RetryAfterError, StepError } from "inngest";
import {
  createDefer,
  createScorer,
  type DeferredFunction,
  extendedTracesMiddleware,
  metadataMiddleware,
  scoreMiddleware,
} from "inngest/experimental";
import { serve } from "inngest/node";
import { recordCheckpoints } from "./record.ts";
import { type Client, Context, type DeferHandle, type Definition, type Score, type Sdk, type SdkContext, triggersOf } from "./sdk.ts";

/** `defer` as the SDK has it. */
type SdkDefer = (id: string, options: { function: DeferredFunction.Any; data: Record<string, unknown> }) => DeferHandle;

export const v4: Sdk = {
  errors: { NonRetriableError, RetryAfterError, StepError },
  reference: referenceFunction,

  serve({ appId, checkpointing }, definitions, journal) {
    const notesMetadata = definitions.some((definition) => definition.notesMetadata);
    const opensSpans = definitions.some((definition) => definition.opensSpans);
    // The type of this one does not hold where optional members are told from undefined ones.
    const traces = () => extendedTracesMiddleware({ behaviour: "createProvider" }) as unknown as Middleware.Class;
    const middleware = [
      ...(notesMetadata ? [metadataMiddleware(), scoreMiddleware()] : []),
      ...(opensSpans ? [traces()] : []),
    ];
    const client = new Inngest({
      id: appId,
      fetch: recordCheckpoints(journal),
      // The default is what most users run, so leave it alone unless it is to be off.
      ...(checkpointing ? {} : { checkpointing: false }),
      ...(middleware.length > 0 ? { middleware } : {}),
    });
    const deferred = new Map<string, DeferredFunction.Any>();
    const isDeferred = (definition: Definition): boolean => Boolean(definition.isDeferred || definition.isScorer);
    for (const { id, isScorer, handler } of definitions.filter(isDeferred)) {
      const made = isScorer
        ? createScorer(client, { id }, async (sdk: unknown) => (await handler(context(sdk))) as Score)
        : createDefer(client, { id }, (sdk: unknown) => handler(context(sdk)));
      deferred.set(id, made);
    }
    const functions = new Map<string, InngestFunction.Any>();
    for (const definition of definitions.filter((definition) => !isDeferred(definition))) {
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
        {
          ...others,
          defer: (id, fn, data) => defer(id, { function: deferred.get(fn)!, data }),
          ...(notesMetadata ? { client: client as unknown as Client } : {}),
        },
        journal,
        functions,
      );
    }
  },
};
