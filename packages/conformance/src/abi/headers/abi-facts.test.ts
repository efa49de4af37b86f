import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type AbiFacts, type CMember, iommufdFacts, type Smmuv3Facts, smmuv3Facts } from '../facts.js';
import { cProgram, failedQuestions, parseAnswers, type Question } from './c-program.js';
import { ask, type Compiler } from './compiler.js';
import { findHeaders, type Headers, isOlder } from './headers.js';
import { factsText, runAbiFacts } from './program.js';
import { refreshIommufd, refreshSmmuv3 } from './refresh.js';
import { constantsOf } from './smmuv3-header.js';

// No test needs a C compiler: its answers are computed from facts. `pnpm abi:facts` runs a real compiler.

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder with these files. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-abi-test-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const MAKEFILE = 'VERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = 4\nEXTRAVERSION =\n';
const UAPI = 'include/uapi/linux';
const MOCK = 'drivers/iommu/iommufd/iommufd_test.h';
const SMMUV3 = 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h';

/** The parts of a kernel's source that are read. */
const kernelSource = (files: Readonly<Record<string, string>> = {}): Headers =>
  findHeaders(
    folderWith({
      Makefile: MAKEFILE,
      [`${UAPI}/iommufd.h`]: '',
      [`${UAPI}/vfio.h`]: '',
      [MOCK]: '',
      [SMMUV3]: '',
      ...files,
    }),
  );

/** A compiler for headers with the contents of `facts`. */
class FactsCompiler implements Compiler {
  readonly name = 'cc 1.0';
  private readonly values = new Map<string, string>();

  constructor(facts: AbiFacts, smmuv3: Smmuv3Facts) {
    for (const [name, value] of Object.entries(facts.constants)) {
      this.values.set(name, String(value));
      this.values.set(`_Generic((${name}), char *: 1, default: 0)`, value > 2 ** 40 ? '1' : '0');
    }
    for (const [name, value] of Object.entries(smmuv3.values)) this.values.set(name, String(BigInt(value)));
    for (const [name, { size, align, fields }] of Object.entries(facts.structs)) {
      this.values.set(`sizeof(struct ${name})`, String(size));
      this.values.set(`_Alignof(struct ${name})`, String(align));
      for (const field of fields) this.add(name, '', 0, field);
    }
  }

  private add(struct: string, prefix: string, base: number, { name, offset, size, type }: CMember): void {
    const path = `${prefix}${name}`;
    this.values.set(`__builtin_offsetof(struct ${struct}, ${path})`, String(base + offset));
    this.values.set(`sizeof(((struct ${struct} *)0)->${path})`, String(size));
    if (typeof type === 'string' || 'array' in type) return;
    for (const inner of 'struct' in type ? type.struct : type.union)
      this.add(struct, name === '' ? prefix : `${path}.`, base + offset, inner);
  }

  run(program: string): ReturnType<Compiler['run']> {
    const output: string[] = [];
    const complaints: string[] = [];
    program.split('\n').forEach((line, i) => {
      const [, index, list] =
        /^static void question_(\d+)\(void\) \{ printf\("[^"]*", (.*)\); \}$/.exec(line) ?? [];
      if (list === undefined) return;
      const values = list
        .split('(unsigned long long)')
        .slice(1)
        .map((each) => this.valueOf(each));
      if (values.includes(undefined)) complaints.push(`/tmp/facts.c:${i + 1}:9: error: what is that?`);
      output.push(`${index} ${values.join(' ')}`);
    });
    return complaints.length > 0 ? { complaints: complaints.join('\n') } : { output: output.join('\n') };
  }

  private valueOf(text: string): string | undefined {
    const expression = text.trim().replace(/,$/, '').slice(1, -1);
    // The facts have no alignment of members: assume that of their size, at most 8.
    const aligned = /^_Alignof\(__typeof__\((.*)\)\)$/.exec(expression)?.[1];
    if (aligned !== undefined) return String(Math.min(8, Number(this.values.get(`sizeof(${aligned})`) ?? 8)));
    if (/^(__builtin_types_compatible_p.*|1)$/.test(expression)) return '1';
    return expression === '0' ? '0' : this.values.get(expression);
  }
}

const compiler = new FactsCompiler(iommufdFacts, smmuv3Facts);

describe('a C program', () => {
  const questions: Question[] = [
    { about: 'A', expressions: ['A'] },
    { about: 'struct b', expressions: ['sizeof(struct b)', '1'] },
  ];

  test('has a line for each question', () => {
    expect(cProgram('#include <stdio.h>\n', questions).split('\n')).toEqual([
      '#include <stdio.h>',
      'static void question_0(void) { printf("0 %llu\\n", (unsigned long long)(A)); }',
      'static void question_1(void) { printf("1 %llu %llu\\n", (unsigned long long)(sizeof(struct b)), (unsigned long long)(1)); }',
      'int main(void) { question_0(); question_1(); return 0; }',
      '',
    ]);
  });

  test('prints answers of up to 64 bits, which are parsed', () => {
    const answers = parseAnswers(questions, '0 18446744071562067968\n1 8 1\n');
    expect([...answers.values()]).toEqual([[0xffff_ffff_8000_0000n], [8n, 1n]]);
  });

  test.each([
    [
      'gcc',
      "/tmp/x/facts.c: In function 'question_1':\n/tmp/x/facts.c:3:56: error: invalid application of 'sizeof'\n",
    ],
    [
      'clang',
      '/tmp/x/facts.c:3:70: error: use of undeclared identifier\n    3 | static void\n1 error generated.\n',
    ],
  ])('that %s refuses identifies the question without an answer', (_name, complaints) => {
    expect([...failedQuestions('#include <stdio.h>\n', questions, complaints)]).toEqual([questions[1]]);
  });

  test('is not compiled repeatedly if the headers are broken', () => {
    const broken: Compiler = { name: 'cc', run: () => ({ complaints: 'vfio.h:9:1: error: expected ;' }) };
    expect(() => ask(broken, '', questions)).toThrow(
      'the headers do not compile:\nvfio.h:9:1: error: expected ;',
    );
  });
});

describe('headers', () => {
  test('of an installed package are found with their version', () => {
    const folder = folderWith({
      'linux/version.h': '#define LINUX_VERSION_CODE 459277\n',
      'linux/vfio.h': '',
    });
    expect(findHeaders(folder)).toEqual({
      folder,
      kernel: '7.2.13',
      paths: { vfio: join(folder, 'linux/vfio.h') },
    });
  });

  test("of a kernel's source are found with those of drivers", () => {
    const { kernel, paths } = kernelSource();
    expect([kernel, Object.keys(paths)]).toEqual(['7.3.4', ['iommufd', 'vfio', 'mock', 'smmuv3']]);
  });

  test('are not found in another folder', () => {
    expect(() => findHeaders(folderWith({}))).toThrow(
      'has neither linux/version.h nor the Makefile of a kernel',
    );
  });

  test.each([
    ['7.2.13', '7.3.4', true],
    ['7.3.4', '7.3.4', false],
    ['7.3', '7.3.4', true],
    ['7.10.0', '7.3.4', false],
  ])('of Linux %s are older than those of %s: %s', (version, than, expected) => {
    expect(isOlder(version, than)).toBe(expected);
  });
});

describe('facts', () => {
  test('that the headers confirm are unchanged', () => {
    const { facts, asked, lacking, changed, notes } = refreshIommufd(iommufdFacts, kernelSource(), compiler);
    expect({ ...facts, how: iommufdFacts.how }).toEqual(iommufdFacts);
    expect({ asked, lacking, changed, notes }).toEqual({ asked: 418, lacking: [], changed: [], notes: [] });
    expect(refreshSmmuv3(smmuv3Facts, kernelSource(), compiler)).toMatchObject({
      facts: smmuv3Facts,
      asked: 371,
      changed: [],
    });
  });

  test('that have changed are named, and updated', () => {
    const { iommu_destroy } = iommufdFacts.structs;
    const wrong: AbiFacts = {
      ...iommufdFacts,
      structs: {
        ...iommufdFacts.structs,
        iommu_destroy: { size: 0, align: 0, fields: iommu_destroy?.fields ?? [] },
      },
      constants: { ...iommufdFacts.constants, IOMMU_DESTROY: 0 },
    };
    const { facts, changed } = refreshIommufd(wrong, kernelSource(), compiler);
    expect(changed).toEqual(['iommu_destroy', 'IOMMU_DESTROY']);
    expect(facts?.structs).toEqual(iommufdFacts.structs);
    expect(facts?.constants).toEqual(iommufdFacts.constants);
  });

  test('that the headers lack are named, and then nothing is updated', () => {
    const { iommu_destroy: _, ...structs } = iommufdFacts.structs;
    const { IOMMU_OPTION: _option, ...constants } = iommufdFacts.constants;
    const less = new FactsCompiler({ ...iommufdFacts, structs, constants }, smmuv3Facts);
    const { facts, lacking } = refreshIommufd(iommufdFacts, kernelSource(), less);
    expect(facts).toBeUndefined();
    expect(lacking).toEqual(['struct iommu_destroy', 'IOMMU_OPTION']);
  });

  test('of a missing header are kept', () => {
    const { paths, ...headers } = kernelSource();
    const { mock: _, smmuv3: _smmuv3, ...uapi } = paths;
    const some = { ...headers, paths: uapi };
    const { facts, asked } = refreshIommufd(iommufdFacts, some, compiler);
    expect(asked).toBe(354);
    expect(facts?.structs).toEqual(iommufdFacts.structs);
    expect(facts?.how).toMatch(/those of the iommufd mock driver's own header as they were in 7\.3\.4$/);
    expect(refreshSmmuv3(smmuv3Facts, some, compiler)).toMatchObject({ facts: undefined, asked: 0 });
  });

  test('of an older kernel are never used', () => {
    const older = { ...kernelSource(), kernel: '7.2.13' };
    expect(refreshIommufd(iommufdFacts, older, compiler)).toMatchObject({
      facts: undefined,
      lacking: [],
      changed: [],
    });
  });

  test('without a field of the header are reported', () => {
    const { iommu_destroy } = iommufdFacts.structs;
    const fields = iommu_destroy?.fields.filter(({ name }) => name !== 'id') ?? [];
    const missing = { ...iommufdFacts, structs: { iommu_destroy: { size: 8, align: 4, fields } } };
    const { notes } = refreshIommufd(missing, kernelSource(), compiler);
    expect(notes).toEqual(['struct iommu_destroy: bytes 4 to 7 are in no field of the facts']);
  });

  test('are requested for new names of the headers', () => {
    const iommufd =
      '#define IOMMU_NEW 1 /* not IOMMU_OLD */\nstruct iommu_newer {\n};\nstruct iommu_destroy *pointer;';
    const { notes } = refreshIommufd(
      iommufdFacts,
      kernelSource({ [`${UAPI}/iommufd.h`]: iommufd }),
      compiler,
    );
    expect(notes).toEqual([
      'IOMMU_NEW is in a header and not in the facts',
      'iommu_newer is in a header and not in the facts',
    ]);
  });
});

test("a driver's header is reduced to its macros and enums", () => {
  const header = [
    '#ifndef H',
    '#include <linux/iommu.h>',
    '#define A /* one */ 1',
    '#define LONG \\',
    '  2',
    'struct arm { int x; };',
    'enum pri { DENY = 0, FAIL };',
    'static inline int f(void) { return A; }',
    'union {',
    '\t#define B 3',
    '};',
    '#endif',
  ];
  expect(
    constantsOf(header.join('\n'))
      .split('\n')
      .map((line) => line.trim().replace(/\s+/g, ' ')),
  ).toEqual([
    '#ifndef H',
    '#define A 1',
    '#define LONG 2',
    '#define B 3',
    '#endif',
    'enum pri { DENY = 0, FAIL };',
    '',
  ]);
});

describe('pnpm abi:facts', () => {
  function run(...argv: readonly string[]) {
    let output = '';
    const saved: [string, string][] = [];
    const io = {
      write: (text: string) => void (output += text),
      compiler: () => compiler,
      save: (name: string, text: string) => void saved.push([name, text]),
    };
    return { ...runAbiFacts(argv, io), output, saved };
  }

  test('writes nothing if nothing is new', () => {
    const { folder } = kernelSource();
    const { status, output, saved } = run('--headers', folder);
    expect([status, saved]).toEqual([0, []]);
    expect(output.split('\n')).toEqual([
      `headers of Linux 7.3.4 in ${folder}, cc 1.0`,
      'iommufd.json: 418 names, 418 of them unchanged',
      'iommufd.json: is up to date',
      'smmuv3.json: 371 names, 371 of them unchanged',
      'smmuv3.json: is up to date',
      '',
    ]);
  });

  test('writes the facts of a newer kernel', () => {
    const { folder } = kernelSource({ Makefile: MAKEFILE.replace('SUBLEVEL = 4', 'SUBLEVEL = 5') });
    const { status, saved } = run('--headers', folder);
    expect(status).toBe(0);
    expect(saved.map(([name]) => name)).toEqual(['iommufd', 'smmuv3']);
    expect(saved[1]?.[1]).toBe(factsText({ ...smmuv3Facts, kernel: '7.3.5' }));
  });

  test('reports missing headers of VFIO and iommufd', () => {
    const { status, output, saved } = run(
      '--headers',
      folderWith({ 'linux/version.h': 'LINUX_VERSION_CODE 458752' }),
    );
    expect([status, saved]).toEqual([1, []]);
    expect(output).toContain('linux/iommufd.h is missing: its facts are not checked\n');
    expect(output).toContain('no header to compare with\n');
  });

  test('refuses a folder without headers', () => {
    const { status, complaint } = run('--headers', folderWith({}));
    expect(status).toBe(2);
    expect(complaint).toContain('/usr/include with the package linux-libc-dev');
  });
});
