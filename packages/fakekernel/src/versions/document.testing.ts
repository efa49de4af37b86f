/** The expected contents of `docs/versions.md`: a table for each kind of fact. `document.test.ts` compares the file with it. */
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

\`new FakeKernel([mockModule], { version: '6.12' })\` gives the answers of Linux 6.12; the newest version is the default.
\`kernel.version\` has the version, and whether it was recorded. This page is generated from the table in
\`packages/fakekernel/src/versions/facts.ts\`: edit the table, then run
\`UPDATE_VERSIONS=1 npm test -- packages/fakekernel/src/versions\`.
`;

const text = (when: Release | Between): string =>
  typeof when === 'string' ? when : `after ${when.after}, by ${when.by}`;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

function factTable(kind: Kind): string {
  const facts: readonly Fact[] = Object.values(FACTS);
  const rows = facts
    .filter((fact) => fact.kind === kind)
    .map(({ since, until, backports, what, source }) =>
      row([
        what,
        since ? [text(since), ...(backports ?? [])].join(', ') : '',
        until ? text(until) : '',
        source,
      ]),
    );
  return `\n## ${TITLES[kind]}\n\n${row(['what', 'since', 'until', 'source'])}${row(['---', '---', '---', '---'])}${rows.join('')}`;
}

function recorded(): string {
  const of = RELEASES.map((release) =>
    row([release, RECORDED[release] ?? 'not recorded: follows this table']),
  );
  return `\n${row(['version', 'recorded'])}${row(['---', '---'])}${of.join('')}
"Until" names the first version without it. Where two versions are named, the change came after the first and at the latest with the
second: versions in between behave like the first, and \`kernel.version.unknown\` lists the fact.
A stable release after "since", such as 6.12.117, has the change too, and so have the later ones of its version. Tapes and
\`--kernel 6.12.117\` select it.
`;
}

/** The whole page. */
export function versionsPage(): string {
  const kinds: readonly Kind[] = ['ioctl', 'test op', 'flag', 'struct', 'behaviour'];
  return HEAD + recorded() + kinds.map(factTable).join('');
}
