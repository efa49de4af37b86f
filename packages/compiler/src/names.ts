/** The name of the TypeScript type of a decoded `tag`: `IommuHwptAlloc` for `iommu_hwpt_alloc`, `SmmuCr0` for `SMMU_CR0`. */
export function typeName(tag: string): string {
  return tag
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase())
    .join('');
}

/** The variable with the names of the fields of a struct, or of a form of a record. */
export const namesVariable = (tag: string): string => `${tag}_names`;

/** The declaration of that variable, as source. */
export const namesDeclaration = (tag: string, names: readonly string[]): string =>
  `const ${namesVariable(tag)} = [${names.map((name) => `'${name}'`).join(', ')}];`;
