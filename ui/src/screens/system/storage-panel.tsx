/** How much is stored: by kind of history, and by table. */
import { useState } from "react";
import type { Storage } from "../../api/types";
import { Button } from "../../kit/button";
import { Cell, Head, ROW } from "../../kit/table";
import { bytes, count } from "../../time/format";
import { kindsOf, shareText, type Kind } from "./storage";

/** Tables that are shown before it is asked for all of them. */
const TABLES_SHOWN = 8;

interface Props {
  storage: Storage;
  onMeasure: () => Promise<void>;
}

export function StoragePanel({ storage, onMeasure }: Props) {
  const { classes, tables, fileBytes, usedBytes } = storage;
  const kinds = classes ? kindsOf(classes) : undefined;
  return (
    <div className="flex flex-col gap-4 p-3">
      <p>
        <span className="text-xl font-semibold tracking-tight">{bytes(usedBytes)}</span>{" "}
        <span className="text-ink-soft">
          used
          {fileBytes > usedBytes
            ? `, in a file of ${bytes(fileBytes)}: what is free in it is used again`
            : ", all of its file"}
        </span>
      </p>
      {kinds ? <Kinds kinds={kinds} /> : <NotMeasured onMeasure={onMeasure} />}
      {tables && <Tables tables={tables} />}
    </div>
  );
}

function Kinds({ kinds }: { kinds: readonly Kind[] }) {
  const all = kinds.reduce((sum, { bytes: size }) => sum + size, 0);
  return (
    <div className="flex flex-col gap-2">
      <div aria-hidden className="flex h-3 gap-px overflow-hidden rounded-full bg-sunken">
        {kinds.map(({ id, bytes: size, bar }) => (
          <span key={id} className={bar} style={{ width: `${all === 0 ? 0 : (size / all) * 100}%` }} />
        ))}
      </div>
      <div className="overflow-x-auto">
        <table className="w-full">
          <caption className="sr-only">By kind</caption>
          <thead className="text-left text-xs text-ink-soft">
            <tr>
              <Head className="!pl-0">Kind</Head>
              <Head isNumber>Rows</Head>
              <Head isNumber>Size</Head>
              <Head isNumber className="!pr-0">
                Share
              </Head>
            </tr>
          </thead>
          <tbody className="divide-y divide-line border-t border-line">
            {kinds.map(({ id, word, what, bar, rows, bytes: size }) => (
              <tr key={id}>
                <Cell className="!pl-0">
                  <span aria-hidden className={`mr-2 inline-block size-2.5 rounded-sm ${bar}`} />
                  {word} <span className="text-ink-soft max-sm:hidden">{what}</span>
                </Cell>
                <Cell isNumber>{count(rows)}</Cell>
                <Cell isNumber className="whitespace-nowrap">
                  {bytes(size)}
                </Cell>
                <Cell isNumber className="!pr-0 whitespace-nowrap text-ink-soft">
                  {shareText(size, all)}
                </Cell>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function NotMeasured({ onMeasure }: { onMeasure: () => Promise<void> }) {
  const [state, setState] = useState<"idle" | "busy" | Error>("idle");
  const measure = () => {
    setState("busy");
    onMeasure().then(
      () => setState("idle"),
      (error: unknown) => setState(error instanceof Error ? error : new Error(String(error))),
    );
  };
  return (
    <div className="flex flex-wrap items-center gap-3 rounded-md bg-sunken px-3 py-2">
      <p className="text-ink-soft">
        There is so much that it takes a while to tell what it is: all of it is read.
      </p>
      <Button disabled={state === "busy"} onClick={measure}>
        {state === "busy" ? "Measuring…" : "Measure it"}
      </Button>
      {state instanceof Error && (
        <p role="alert" className="text-bad">
          {state.message}
        </p>
      )}
    </div>
  );
}

function Tables({ tables }: { tables: NonNullable<Storage["tables"]> }) {
  const [isAll, setAll] = useState(false);
  const sorted = tables.toSorted((a, b) => b.bytes - a.bytes || a.table.localeCompare(b.table));
  const shown = isAll ? sorted : sorted.slice(0, TABLES_SHOWN);
  const most = sorted[0]?.bytes ?? 0;
  return (
    <section aria-label="Tables" className="flex flex-col gap-1">
      <h3 className="font-semibold">
        Tables <span className="font-normal text-ink-soft">with their indexes</span>
      </h3>
      <table className="w-full table-fixed">
        <colgroup>
          <col className="w-44 max-sm:w-36" />
          <col className="w-24 max-sm:w-20" />
          <col className="w-24 max-sm:w-20" />
          <col />
        </colgroup>
        <thead className="text-left text-xs text-ink-soft">
          <tr>
            <Head className="!pl-0">Table</Head>
            <Head isNumber>Rows</Head>
            <Head isNumber>Size</Head>
            <Head>
              <span className="sr-only">Beside the largest</span>
            </Head>
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line">
          {shown.map(({ table, rows, bytes: size }) => (
            <tr key={table} className={ROW}>
              <Cell className="!pl-0" title={table}>
                <code className="font-mono text-xs">{table}</code>
              </Cell>
              <Cell isNumber>{count(rows)}</Cell>
              <Cell isNumber>{bytes(size)}</Cell>
              <Cell className="!pr-0">
                <span
                  aria-hidden
                  className="block h-1.5 min-w-0.5 rounded-full bg-run-bar"
                  style={{ width: `${most === 0 ? 0 : (size / most) * 100}%` }}
                />
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > TABLES_SHOWN && (
        <Button look="ghost" className="self-start" onClick={() => setAll(!isAll)}>
          {isAll ? "Only the largest" : `All ${sorted.length} tables`}
        </Button>
      )}
    </section>
  );
}
