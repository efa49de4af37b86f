/**
 * The generated files beside the declarations: for `destroy.ts` a `destroy.generated.ts` with the types of the decoded
 * values of its declarations and, for hot ones, code that reads and writes them. A generated file imports only types,
 * and functions of `struct/value-checks.ts`, which imports nothing. So a declaration can import it.
 */
import { type AnyType, BitStruct, Struct, Variants } from '@iommufd/uapi/struct';
import { format } from 'oxfmt';
import { bitsCode } from './bits-code.js';
import { type AnyVariants, type Declared, type DeclarationFile, declarationFiles } from './declarations.js';
import { isHot } from './hot.js';
import { namesDeclaration, typeName } from './names.js';
import { type Code, structCode } from './struct-code.js';
import { type TypesCode, typesCode } from './types-code.js';

/** The file that exports all types by name. */
const TYPES = 'types.generated.ts';

/** The text of every generated file, by its path in `packages/uapi/src`. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const declared = await declarationFiles();
  const pathOf = new Map(
    declared.flatMap(({ path, types }) => types.map(({ name }) => [name, path] as const)),
  );
  const files = new Map<string, string>();
  const exports: string[] = [];
  for (const file of declared) {
    const { text, names } = fileCode(file, pathOf);
    if (names.length === 0) continue;
    const path = `${file.path}.generated.ts`;
    files.set(path, await formatted(path, text));
    exports.push(`export type { ${names.join(', ')} } from './${file.path}.generated.js';`);
  }
  const banner = '// Written by `pnpm compile`: the types of all that is declared.';
  return files.set(TYPES, await formatted(TYPES, [banner, ...exports].join('\n')));
}

/** @throws Error for text that is not TypeScript */
async function formatted(path: string, text: string): Promise<string> {
  const { code, errors } = await format(path, text, { singleQuote: true, printWidth: 110 });
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  return code;
}

interface FileCode {
  readonly text: string;
  /** The types that it exports. */
  readonly names: readonly string[];
}

function fileCode(file: DeclarationFile, pathOf: ReadonlyMap<string, string>): FileCode {
  const parts = file.types.flatMap((type) => {
    const types = typesCode(type);
    return types === undefined ? [] : [{ type, types, code: isHot(file) ? codeFor(type, types) : undefined }];
  });
  const body = parts
    .map(({ type, types, code }) => `${types.text}\n\n${code ?? nameOnly(type)}`)
    .join('\n\n');
  const [source] = file.path.split('/').slice(-1);
  const text = [
    `// Written by \`pnpm compile\` from ${source}.ts: change that, and run it again.`,
    ...imports(file, parts, pathOf, body),
    '',
    body,
  ].join('\n');
  return { text, names: parts.flatMap(({ types }) => [...types.names, ...types.forms]) };
}

/** The names that `text` uses as whole words. */
const used = (text: string, names: readonly string[]): string[] =>
  names.filter((name) => new RegExp(`\\b${name}\\b`).test(text));

function imports(
  { path }: DeclarationFile,
  parts: readonly { readonly types: TypesCode }[],
  pathOf: ReadonlyMap<string, string>,
  body: string,
): string[] {
  const up = '../'.repeat(path.split('/').length - 1);
  const lines = [
    [`${up}struct/compiled.js`, 'type ', used(body, ['Compiled', 'Named', 'ToEncode'])],
    [
      `${up}struct/value-checks.js`,
      '',
      used(body, ['hasOnly', 'highHalf', 'isU64', 'isWithin', 'lowHalf', 'wide']),
    ],
    [`${up}struct/variants.js`, 'type ', used(body, ['UnknownVariant'])],
    ...[...new Set(parts.flatMap(({ types }) => types.uses))].flatMap((tag) => {
      const from = pathOf.get(tag);
      if (from === undefined) throw new Error(`${path}: ${tag} is a field, but exported by no file`);
      return from === path ? [] : [[`${up}${from}.generated.js`, 'type ', [typeName(tag)]] as const];
    }),
  ] as const;
  return lines.flatMap(([from, kind, names]) =>
    names.length === 0 ? [] : [`import ${kind}{ ${names.join(', ')} } from '${from}';`],
  );
}

/** For a declaration without code: the type of its decoded value. */
function nameOnly({ name }: Declared): string {
  return `export const ${name}: Named<${typeName(name)}> = undefined;`;
}

/** The code of a declaration; undefined if a part of it cannot be compiled. */
function codeFor(type: Declared, { forms }: TypesCode): string | undefined {
  const name = typeName(type.name);
  if (type instanceof Variants) return variantsCode(type, forms);
  const code = codeOf(type);
  if (code === undefined) return undefined;
  return `${namesDeclaration(type.name, code.names)}

export const ${type.name}: Compiled<${name}, ${encodableType(type)}> = {
    read(view, at) {${code.read}},
    write(view, at, value) {${code.write}},
  };`;
}

function codeOf(type: AnyType): Code | undefined {
  if (type instanceof Struct) return structCode(type);
  return type instanceof BitStruct ? bitsCode(type) : undefined;
}

function encodableType(type: Declared): string {
  const name = typeName(type.name);
  if (!(type instanceof Struct)) return `Readonly<${name}>`;
  const reserved = type.members.filter((member) => member.reserved).map((member) => `'${member.name}'`);
  return `ToEncode<${[name, reserved.join(' | ')].filter((part) => part !== '').join(', ')}>`;
}

/** A function for each form, and a switch over them. */
function variantsCode({ name, structs, tagName }: AnyVariants, forms: readonly string[]): string {
  const texts: string[] = [];
  const reads: string[] = [];
  const writes: string[] = [];
  for (const form of forms) {
    const struct = structs.get(form);
    const code = struct && bitsCode(struct);
    const tag = struct?.fields[tagName]?.fixed;
    if (code === undefined || typeof tag !== 'number') continue;
    texts.push(
      namesDeclaration(form, code.names),
      `function read_${form}(view: DataView, at: number): ${form} | undefined {${code.read}}\n`,
      `function write_${form}(view: DataView, at: number, value: Readonly<${form}>): boolean {${code.write}}\n`,
    );
    reads.push(`case ${tag}: return read_${form}(view, at);`);
    writes.push(`case ${tag}: return write_${form}(view, at, value);`);
  }
  const type = typeName(name);
  texts.push(`export const ${name}: Compiled<${type}, Readonly<${type}>> = {
    read(view, at) { switch (view.getUint8(at)) { ${reads.join('\n')} default: return undefined; } },
    write(view, at, value) { switch (value.${tagName}) { ${writes.join('\n')} default: return false; } },
  };`);
  return texts.join('\n');
}
