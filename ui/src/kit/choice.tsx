/** One of a few ways to do something, each with a word about what it does. */
interface Props<T extends string> {
  title: string;
  /** The title is heard, and not seen: what is around says the same. */
  isTitleHidden?: boolean;
  options: readonly (readonly [value: T, word: string, what: string])[];
  value: T;
  onChange: (value: T) => void;
}

export function Choice<T extends string>({ title, isTitleHidden, options, value, onChange }: Props<T>) {
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className={isTitleHidden ? "sr-only" : "mb-1 font-medium"}>{title}</legend>
      {options.map(([option, word, what]) => (
        <label
          key={option}
          className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line px-3 py-1.5 has-checked:border-accent has-checked:bg-accent-soft"
        >
          <input
            type="radio"
            name={title}
            className="mt-0.5 size-4 accent-accent"
            checked={option === value}
            onChange={() => onChange(option)}
          />
          <span>
            <span className="font-medium">{word}</span>
            <span className="block text-ink-soft">{what}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
