/** The name of the TypeScript type of what `tag` decodes to: `iommu_hwpt_alloc` gives `IommuHwptAlloc`, `SMMU_CR0` `SmmuCr0`. */
export function typeName(tag: string): string {
  return tag
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase())
    .join('');
}

/** The variable that holds the names of the fields of a struct, or of a form of a record. */
export const namesVariable = (tag: string): string => `${tag}_names`;

/** Declares it. */
export const namesDeclaration = (tag: string, names: readonly string[]): string =>
  `const ${namesVariable(tag)} = [${names.map((name) => `'${name}'`).join(', ')}];`;
