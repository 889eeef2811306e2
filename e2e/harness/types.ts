// Types in TypeScript against schemas: whether what the types promise is what the schemas describe.

import ts from "typescript";
import { E2E } from "./paths.ts";

export interface Schema {
  $ref?: string;
  type?: string | string[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

type Schemas = Record<string, Schema>;

/** How the interfaces of a file, which is named from this folder's parent, differ from the schemas `named` for them. */
export function differences(file: string, named: Record<string, string>, schemas: Schemas): string[] {
  const path = `${E2E}${file}`;
  const program = ts.createProgram([path], { strict: true, exactOptionalPropertyTypes: true, noEmit: true });
  const source = program.getSourceFile(path);
  if (source === undefined) throw new Error(`there is no ${path}`);
  const checker = program.getTypeChecker();
  const comparison = new Comparison(checker, source, schemas);
  const interfaces = new Map(source.statements.filter(ts.isInterfaceDeclaration).map((it) => [it.name.text, it]));
  for (const [name, schema] of Object.entries(named)) {
    const declaration = interfaces.get(name);
    if (declaration === undefined) comparison.found.push(`${name}: there is no such interface`);
    else comparison.compare(checker.getTypeAtLocation(declaration), { $ref: `#/components/schemas/${schema}` }, name);
  }
  return comparison.found;
}

class Comparison {
  readonly found: string[] = [];
  /** Types that refer to themselves end here. */
  readonly #seen = new Set<string>();
  readonly #checker: ts.TypeChecker;
  readonly #source: ts.SourceFile;
  readonly #schemas: Schemas;

  constructor(checker: ts.TypeChecker, source: ts.SourceFile, schemas: Schemas) {
    this.#checker = checker;
    this.#source = source;
    this.#schemas = schemas;
  }

  compare(declared: ts.Type, described: Schema, where: string): void {
    const type = this.#checker.getNonNullableType(declared);
    const schema = this.#resolved(described);
    const kinds = kindsOf(schema);
    // Whatever it is: the user's data, or what has no description.
    if (kinds.length === 0 || type.flags & ts.TypeFlags.Unknown) return;
    const kind = kindOf(type, this.#checker);
    if (!kinds.includes(kind)) return void this.found.push(`${where}: ${kind}, and described as ${kinds.join(" or ")}`);
    if (kind === "array") return this.#compareItems(type, schema, where);
    if (kind === "object" && schema.properties) this.#compareMembers(type, schema, where);
  }

  #compareItems(type: ts.Type, { items }: Schema, where: string): void {
    const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
    if (item !== undefined && items !== undefined) this.compare(item, items, `${where}[]`);
  }

  #compareMembers(type: ts.Type, schema: Schema, where: string): void {
    const key = `${this.#checker.typeToString(type)} ${Object.keys(schema.properties ?? {}).join()}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    for (const member of type.getProperties()) {
      const place = `${where}.${member.name}`;
      const described = schema.properties?.[member.name];
      if (described === undefined) {
        this.found.push(`${place}: not described`);
        continue;
      }
      const isSure = (member.flags & ts.SymbolFlags.Optional) === 0;
      if (isSure && schema.required?.includes(member.name) !== true) this.found.push(`${place}: it may be missing`);
      this.compare(this.#checker.getTypeOfSymbolAtLocation(member, this.#source), described, place);
    }
  }

  /** What a reference means; what may also be null, without it; all parts of a whole as one. */
  #resolved(schema: Schema): Schema {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.split("/").at(-1) ?? "";
      const found = this.#schemas[name];
      if (found === undefined) throw new Error(`there is no schema ${name}`);
      return this.#resolved(found);
    }
    const choices = schema.oneOf?.filter(({ type }) => type !== "null") ?? [];
    if (choices.length === 1 && choices[0]) return this.#resolved(choices[0]);
    const parts = (schema.allOf ?? []).map((part) => this.#resolved(part));
    if (parts.length === 0) return schema;
    const properties = Object.assign({}, ...parts.map((part) => part.properties)) as Schemas;
    return { type: "object", properties, required: parts.flatMap((part) => part.required ?? []) };
  }
}

function kindsOf({ type }: Schema): string[] {
  const kinds = type === undefined ? [] : [type].flat();
  return kinds.filter((kind) => kind !== "null").map((kind) => (kind === "integer" ? "number" : kind));
}

function kindOf(type: ts.Type, checker: ts.TypeChecker): string {
  const parts = type.isUnion() ? type.types : [type];
  const all = (flags: ts.TypeFlags) => parts.every((part) => (part.flags & flags) !== 0);
  if (all(ts.TypeFlags.StringLike)) return "string";
  if (all(ts.TypeFlags.NumberLike)) return "number";
  if (all(ts.TypeFlags.BooleanLike)) return "boolean";
  return checker.isArrayType(type) ? "array" : "object";
}
