/** Every function that the event could trigger: its condition, what that said of the event, and what came of it. */
import { useQuery } from "@tanstack/react-query";
import { Check, CircleAlert, HelpCircle, X } from "lucide-react";
import { queries } from "../../api/queries";
import { Panel } from "../../kit/panel";
import { Failed, Loading } from "../../kit/states";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { sentence } from "../run/words";
import { evaluations, type Evaluation, type Verdict } from "./evaluation";
import { Head } from "./runs";

export function Evaluations({ id }: { id: string }) {
  const explanation = useQuery(queries.eventExplanation(id));
  const functions = useQuery(queries.functions());
  const failure = explanation.error ?? functions.error;
  const isThere = explanation.data && functions.data;
  const rows = isThere ? evaluations(explanation.data, functions.data) : [];
  return (
    <Panel title="Functions with this trigger" className="shrink-0">
      {failure && !isThere ? (
        <Failed
          what="The evaluation"
          error={failure}
          retry={() => Promise.all([explanation.refetch(), functions.refetch()])}
        />
      ) : !isThere ? (
        <Loading what="the evaluation" />
      ) : rows.length === 0 ? (
        <p className="px-3 py-2.5 text-ink-soft">
          No function is triggered by this name. Names are compared letter by letter; a trigger may end with{" "}
          <code className="text-xs">/*</code>.
        </p>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full">
            <thead className="text-left text-xs text-ink-soft">
              <tr className="border-b border-line">
                <Head>Function</Head>
                <Head>If</Head>
                <Head>Was</Head>
                <Head>Came of it</Head>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {rows.map((row) => (
                <Row key={row.slug} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ row }: { row: Evaluation }) {
  return (
    <tr className="align-top">
      <td className="px-3 py-1.5">
        {row.fn ? (
          <Link className="text-accent hover:underline" to={paths.function(row.fn.app.id, row.fn.id)}>
            {row.fn.name || row.fn.id}
          </Link>
        ) : (
          row.slug
        )}
      </td>
      <td className="max-w-80 px-3 py-1.5">
        {row.conditions.length === 0 ? (
          <span className="text-ink-faint">always</span>
        ) : (
          row.conditions.map((condition) => (
            <code key={condition} className="block text-xs leading-5 break-words">
              {condition}
            </code>
          ))
        )}
      </td>
      <td className="px-3 py-1.5">
        <Said verdict={row.verdict} />
      </td>
      <td className="px-3 py-1.5 text-ink-soft">{outcome(row)}</td>
    </tr>
  );
}

const VERDICTS = {
  unconditional: { word: "true", icon: Check, text: "text-ok" },
  true: { word: "true", icon: Check, text: "text-ok" },
  false: { word: "false", icon: X, text: "text-off" },
  error: { word: "error", icon: CircleAlert, text: "text-bad" },
  unknown: { word: "not asked", icon: HelpCircle, text: "text-off" },
} satisfies Record<Verdict, unknown>;

function Said({ verdict }: { verdict: Verdict }) {
  const { word, icon: Icon, text } = VERDICTS[verdict];
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${text}`}>
      <Icon aria-hidden className="size-3.5" />
      {word}
    </span>
  );
}

/** The runs are listed above; here is what stood in the way, or delayed it. */
function outcome({ runs, skip, text, verdict }: Evaluation): string {
  if (runs.length > 0) {
    const started = runs.length === 1 ? "a run" : `${runs.length} runs`;
    return skip
      ? `Started ${started}, after a while: ${skip.reason.replaceAll("_", " ")}`
      : `Started ${started}`;
  }
  return verdict === "false" ? "No run" : sentence(text);
}
