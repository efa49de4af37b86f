/** The page's keys: their list, which `?` shows, and the listener that runs their commands. */
import { useEffect } from 'preact/hooks';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['j k ↑ ↓', 'next and previous call'],
  ['PgDn PgUp Home End', 'scroll by a page, or to an end'],
  ['e E', 'next and previous error'],
  ['l L', 'next and previous loss'],
  ['d D', 'next and previous difference'],
  ['1 to 5', 'the panels'],
  ['/', 'search'],
  ['t', 'light or dark'],
  ['?', 'this list'],
];

/** What the keys do. */
export interface KeyCommands {
  /** Moves by a number of rows. */
  step(rows: number): void;
  /** Moves to the next row of a kind, or with -1 to the previous one. */
  seek(kind: 'failed' | 'lost' | 'different', direction: 1 | -1): void;
  focusSearch(): void;
  toggleTheme(): void;
  /** Opens or closes the list of keys. */
  toggleHelp(): void;
  closeHelp(): void;
  /** Shows the n-th panel. */
  showTab(index: number): void;
}

/** Runs the commands while the page is shown. They are those of the first call, so they must not depend on later values. */
export function useKeys(commands: KeyCommands, tabs: number): void {
  const { step, seek } = commands;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isField = target instanceof HTMLElement && target.matches('input, select, textarea');
      if (key === 'Escape') {
        commands.closeHelp();
        if (isField) target.blur();
        return;
      }
      if (isField) return;
      const act: Readonly<Record<string, () => void>> = {
        j: () => step(1),
        ArrowDown: () => step(1),
        k: () => step(-1),
        ArrowUp: () => step(-1),
        PageDown: () => step(20),
        PageUp: () => step(-20),
        Home: () => step(-Infinity),
        End: () => step(Infinity),
        e: () => seek('failed', 1),
        E: () => seek('failed', -1),
        l: () => seek('lost', 1),
        L: () => seek('lost', -1),
        d: () => seek('different', 1),
        D: () => seek('different', -1),
        '/': () => commands.focusSearch(),
        t: () => commands.toggleTheme(),
        '?': () => commands.toggleHelp(),
        ...Object.fromEntries(
          Array.from({ length: tabs }, (_, i) => [String(i + 1), () => commands.showTab(i)]),
        ),
      };
      const found = act[key];
      if (found === undefined) return;
      event.preventDefault();
      found();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** The list of keys. */
export function Help() {
  return (
    <div class="help" role="dialog" aria-label="Keys">
      <h2>Keys</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
