/**
 * The worker of the page: everything that takes time happens here, so that the page itself only draws. It answers one message after
 * another, and between them works on what is shown, a few milliseconds at a time.
 */
import { shownLife, shownMaps, shownQueues, shownUsage } from './model/bounded.js';
import { forms } from './model/forms.js';
import { Session } from './model/session.js';
import { type LabAction, SmmuLab } from './model/smmu-lab.js';

const session = new Session();
let smmu = new SmmuLab();

/** A file that stands in the page, in base64. */
export interface HeldFile {
  readonly name: string;
  readonly base64: string;
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** What the page may ask. Arguments and answers are plain data. */
const methods = {
  open: (...args: Parameters<Session['open']>) => session.open(...args),
  openHeld: (files: readonly HeldFile[]) =>
    session.open(files.map(({ name, base64 }) => ({ name, bytes: bytesOf(base64) }))),
  select: (number: number) => {
    session.select(number);
    return session.progress();
  },
  facets: () => session.facets(),
  setFilter: (...args: Parameters<Session['setFilter']>) => session.setFilter(...args),
  page: (...args: Parameters<Session['page']>) => session.page(...args),
  positionOf: (index: number) => session.positionOf(index),
  seek: (...args: Parameters<Session['seek']>) => session.seek(...args),
  detail: (index: number) => session.detail(index),
  contexts: (index: number) => session.contexts(index),
  graph: (...args: Parameters<Session['graph']>) => session.graph(...args),
  maps: (index: number, context: number) => shownMaps(session, index, context),
  usage: (context: number) => shownUsage(session, context),
  queues: (index: number) => shownQueues(session, index),
  life: (key: string, index: number) => shownLife(session, key, index),
  types: () => session.types(),
  bytes: (name: string | undefined) => session.bytes(name),
  forms: () => forms(),
  play: (...args: Parameters<Session['play']>) => session.play(...args),
  perform: (...args: Parameters<Session['perform']>) => session.perform(...args),
  playState: () => session.playState(),
  exported: () => session.exported(),
  /** Does something with the SMMU, and shows it; undefined shows it, 'reset' makes another. */
  lab: (action: LabAction | 'reset' | undefined) => {
    if (action === 'reset') smmu = new SmmuLab();
    else if (action !== undefined) smmu.perform(action);
    return smmu.view();
  },
} as const;

/** What the page may ask, and what it is answered. */
export type Methods = typeof methods;

/** A question. */
export interface Question {
  readonly id: number;
  readonly method: keyof Methods;
  readonly args: readonly unknown[];
}

/** An answer, word of how far the work is, or why it has ended before its end. */
export type Message =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly message: string }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'progress'; readonly progress: ReturnType<Session['progress']>; readonly count: number };

/** How long the worker works before it looks for messages, in milliseconds. */
const SLICE = 24;

/** The worker's own scope, as far as it is used: the page's types know another. */
interface Scope {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(message: Message): void;
}
const scope = globalThis as unknown as Scope;

/** How often it says how far it is, likewise: the page draws each time. */
const TELLING = 150;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

let isWorking = false;
let toldAt = 0;

/** Works on what is shown. What goes wrong ends the work, and the page says so: it would wait for it for ever. */
function work(): void {
  try {
    workOn();
  } catch (error) {
    isWorking = false;
    scope.postMessage({ kind: 'problem', message: messageOf(error) });
  }
}

function workOn(): void {
  const begun = performance.now();
  const isDone = session.work(() => performance.now() > begun + SLICE);
  if (isDone || begun > toldAt + TELLING) {
    toldAt = begun;
    scope.postMessage({ kind: 'progress', progress: session.progress(), count: session.count });
  }
  isWorking = !isDone;
  if (isWorking) setTimeout(work);
}

async function answer({ id, method, args }: Question): Promise<void> {
  try {
    const ask = methods[method] as (...args: readonly unknown[]) => unknown;
    const value = await ask(...args);
    scope.postMessage({ kind: 'answer', id, value });
  } catch (error) {
    // The page shows it: what was asked is wrong, or this program is.
    scope.postMessage({
      kind: 'refusal',
      id,
      message: messageOf(error),
    });
  }
  if (method === 'perform')
    scope.postMessage({ kind: 'progress', progress: session.progress(), count: session.count });
  if (method === 'select' && !isWorking) {
    isWorking = true;
    setTimeout(work);
  }
}

scope.onmessage = ({ data }) => void answer(data);
