/** What was acted on, with links to it. */
import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { queries } from "../../api/queries";
import type { AuditEntry } from "../../api/types";
import { Link } from "../../url/link";
import { paths } from "../../url/paths";
import { errorGroupOf } from "./entries";

const LINK = "text-accent hover:underline";

export function Target({ entry }: { entry: AuditEntry }) {
  const { runId, stepId, functionSlug, functionId, operationId } = entry.target;
  const group = errorGroupOf(entry);
  const parts: ReactNode[] = [
    operationId !== undefined && (
      <Link key="operation" to={paths.operation(operationId)} className={LINK}>
        operation <Id>{operationId}</Id>
      </Link>
    ),
    group !== undefined && (
      <Link key="group" to={paths.errorGroup(group)} className={LINK}>
        error <Id>{group.slice(0, 12)}</Id>
      </Link>
    ),
    runId !== undefined && (
      <Link key="run" to={paths.run(runId, { step: stepId })} className={LINK}>
        run <Id>{runId}</Id>
      </Link>
    ),
    (functionSlug ?? functionId) !== undefined && (
      <FunctionLink key="function" slug={functionSlug} id={functionId} />
    ),
  ].filter(Boolean);
  if (parts.length === 0) return <span className="text-ink-faint">–</span>;
  return parts.map((part, i) => (
    <Fragment key={i}>
      {i > 0 && <span className="text-ink-faint"> · </span>}
      {part}
    </Fragment>
  ));
}

function Id({ children }: { children: string }) {
  return <span className="font-mono text-xs">{children}</span>;
}

/** Entries know the slug of a function; its address is made of app and id. */
function FunctionLink({ slug, id }: { slug: string | undefined; id: string | undefined }) {
  const functions = useQuery(queries.functions());
  const fn = functions.data?.find((it) => it.slug === slug);
  if (!fn) return <span>{slug ?? id}</span>;
  return (
    <Link to={paths.function(fn.app.id, fn.id)} title={slug} className={LINK}>
      {fn.name || fn.id}
    </Link>
  );
}
