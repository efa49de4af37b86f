/** `docs/versions.md`, as it is to be: a table for each kind of fact. `document.test.ts` compares it. */
import { type Release, RELEASES } from '@iommufd/uapi/history';
import { type Between, type Fact, FACTS, type Kind, RECORDED } from './facts.js';

const TITLES: Readonly<Record<Kind, string>> = {
  ioctl: 'Ioctls',
  'test op': 'Operations of IOMMU_TEST_CMD',
  flag: 'Flags',
  struct: 'Structs',
  behaviour: 'Behaviour',
};

const HEAD = `# Versions of Linux

\`new FakeKernel([mockModule], { version: '6.12' })\` answers as Linux 6.12 does; the newest version is the default.
\`kernel.version\` says which it is and whether it was recorded. This page is made of the table in
\`packages/fakekernel/src/versions/facts.ts\`: edit that, then run
\`UPDATE_VERSIONS=1 npm test -- packages/fakekernel/src/versions\`.
`;

const text = (when: Release | Between): string =>
  typeof when === 'string' ? when : `after ${when.after}, by ${when.by}`;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

function factTable(kind: Kind): string {
  const facts: readonly Fact[] = Object.values(FACTS);
  const rows = facts
    .filter((fact) => fact.kind === kind)
    .map(({ since, until, what, source }) =>
      row([what, since ? text(since) : '', until ? text(until) : '', source]),
    );
  return `\n## ${TITLES[kind]}\n\n${row(['what', 'since', 'until', 'source'])}${row(['---', '---', '---', '---'])}${rows.join('')}`;
}

function recorded(): string {
  const of = RELEASES.map((release) =>
    row([release, RECORDED[release] ?? 'not recorded: as the table says']),
  );
  return `\n${row(['version', 'recorded'])}${row(['---', '---'])}${of.join('')}
"Until" names the first version without it. Where two versions are named, the change is somewhere after the one and not after the
other: versions between are taken as the older one, and \`kernel.version.unknown\` lists the fact.
`;
}

/** The whole page. */
export function versionsPage(): string {
  const kinds: readonly Kind[] = ['ioctl', 'test op', 'flag', 'struct', 'behaviour'];
  return HEAD + recorded() + kinds.map(factTable).join('');
}
