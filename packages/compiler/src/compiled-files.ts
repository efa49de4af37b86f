import { type AnyType, BitStruct, Struct, type Variant, Variants } from '@iommufd/uapi/struct';
import { format } from 'prettier';
import { bitsCode } from './bits-code.js';
import { type Declared, families, type Family } from './families.js';
import { type Code, structCode } from './struct-code.js';

const BANNER = '// Written by `pnpm compile` from the declarations: change those, and run it again.';

type AnyVariants = AnyType & Variants<string, Readonly<Record<string, Variant>>>;

/** The text of every compiled file, by its name in `packages/uapi/src/compiled`. */
export async function compiledFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const imports: string[] = [];
  for (const family of families) {
    const code = familyCode(family);
    if (code === undefined) continue;
    files.set(`${family.name}.ts`, await prettified(code));
    imports.push(`import './${family.name}.js';`);
  }
  return files.set('index.ts', await prettified([BANNER, ...imports].join('\n')));
}

const prettified = (code: string): Promise<string> =>
  format(code, { parser: 'typescript', singleQuote: true, printWidth: 110 });

function familyCode({ from, exports }: Family): string | undefined {
  const types = Object.entries(exports).filter((entry): entry is [string, AnyType] => isType(entry[1]));
  const compiled = types.flatMap((declared) => declaredCode(declared) ?? []);
  if (compiled.length === 0) return undefined;
  const body = compiled.map(({ text }) => text).join('\n');
  const used = (names: readonly string[]): string =>
    names.filter((name) => new RegExp(`\\b${name.replace('type ', '')}\\b`).test(body)).join(', ');
  const forms = used(['compiled', 'type DecodedForm', 'type EncodableForm']);
  const helpers = used(['hasOnly', 'highHalf', 'isU64', 'isWithin', 'lowHalf', 'wide']);
  return [
    BANNER,
    `import { ${compiled.map(({ name }) => name).join(', ')} } from '${from}';`,
    `import { ${forms} } from '../struct/compiled.js';`,
    `import { ${helpers} } from '../struct/fits.js';`,
    '',
    body,
  ].join('\n');
}

function isType(value: unknown): value is AnyType {
  return value instanceof Struct || value instanceof BitStruct || value instanceof Variants;
}

interface CompiledType {
  readonly name: string;
  readonly text: string;
}

function declaredCode([name, type]: Declared): CompiledType | undefined {
  if (type instanceof Variants) return { name, text: variantsCode(name, type) };
  const code = codeOf(type);
  if (code === undefined) return undefined;
  const text = `compiled(${name}, (view, at) => {${code.read}}, (view, at, value) => {${code.write}});\n`;
  return { name, text };
}

function codeOf(type: AnyType): Code | undefined {
  if (type instanceof Struct) return structCode(type);
  return type instanceof BitStruct ? bitsCode(type) : undefined;
}

/** A function for each form, and a switch over them. */
function variantsCode(name: string, { structs, tagName }: AnyVariants): string {
  const texts: string[] = [];
  const reads: string[] = [];
  const writes: string[] = [];
  for (const [form, struct] of structs) {
    const code = bitsCode(struct);
    const tag = struct.fields[tagName]?.fixed;
    if (code === undefined || typeof tag !== 'number') continue;
    const marked = `typeof ${name}, { ${tagName}: ${tag} }`;
    texts.push(
      `function read_${form}(view: DataView, at: number): DecodedForm<${marked}> | undefined {${code.read}}\n`,
      `function write_${form}(view: DataView, at: number, value: EncodableForm<${marked}>): boolean {${code.write}}\n`,
    );
    reads.push(`case ${tag}: return read_${form}(view, at);`);
    writes.push(`case ${tag}: return write_${form}(view, at, value);`);
  }
  texts.push(
    `compiled(${name}, (view, at) => { switch (view.getUint8(at)) { ${reads.join('\n')} default: return undefined; } },`,
    `(view, at, value) => { switch (value.${tagName}) { ${writes.join('\n')} default: return false; } });\n`,
  );
  return texts.join('\n');
}
