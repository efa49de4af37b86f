import { readdirSync } from 'node:fs';
import { type AnyType, BitStruct, Struct, type Variant, Variants } from '@iommufd/uapi/struct';

/** The folder of the declarations and the generated files. */
export const UAPI = new URL('../../uapi/src/', import.meta.url);

/** A declared type of any kind that has fields. */
export type Declared = AnyType & (Struct<never, never> | BitStruct<never> | AnyVariants);
/** A declared record of several forms. */
export type AnyVariants = AnyType & Variants<string, Readonly<Record<string, Variant>>>;

/** A source file with declarations. */
export interface DeclarationFile {
  /** Its path within {@link UAPI}, without an extension: `iommufd/destroy`. */
  readonly path: string;
  /** The types that it exports, in the order of their names. */
  readonly types: readonly Declared[];
}

/** A source file of uapi that may have declarations. */
export interface SourceModule {
  /** Its path within {@link UAPI}, without an extension: `iommufd/destroy`. */
  readonly path: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Every source file of uapi that may have declarations, in the order of the paths. */
export async function sourceModules(): Promise<SourceModule[]> {
  const modules: SourceModule[] = [];
  const names = readdirSync(UAPI, { recursive: true, encoding: 'utf8' });
  for (const path of names.flatMap((name) => sourcePath(name) ?? []).sort()) {
    const exports: SourceModule['exports'] = await import(`../../uapi/src/${path}.js`);
    modules.push({ path, exports });
  }
  return modules;
}

/** Every file of uapi that declares types, in the order of the paths. */
export async function declarationFiles(): Promise<DeclarationFile[]> {
  const files = (await sourceModules()).map(({ path, exports }) => {
    const types = Object.entries(exports).flatMap(([name, declared]) => {
      if (!isDeclared(declared)) return [];
      if (declared.name === name) return [declared];
      throw new TypeError(`${path} exports ${declared.name} as ${name}`);
    });
    return { path, types };
  });
  return files.filter(({ types }) => types.length > 0);
}

/** The path of a file that may declare types; undefined for an index, which re-exports others, and for generated files. */
function sourcePath(name: string): string | undefined {
  const path = /^(?!struct\/)(.*)(?<!\.test|\.testing|\.generated|\.d)\.ts$/.exec(name)?.[1];
  return path === undefined || /(^|\/)index$|^registry$/.test(path) ? undefined : path;
}

function isDeclared(value: unknown): value is Declared {
  return value instanceof Struct || value instanceof BitStruct || value instanceof Variants;
}
