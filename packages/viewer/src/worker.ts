/**
 * The worker of the page: all long-running work is here, so that the page itself only draws. It handles one message
 * after another, and between them works on the shown document, a few milliseconds at a time.
 */
import { shownLife, shownMaps, shownQueues, shownUsage } from './model/bounded.js';
import { forms } from './model/forms.js';
import { Session } from './model/session.js';
import { type LabAction, SmmuLab } from './model/smmu-lab.js';

const session = new Session();
let smmu = new SmmuLab();

/** A file that is embedded in the page, in base64. */
export interface HeldFile {
  readonly name: string;
  readonly base64: string;
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The methods that the page may call. Arguments and results are plain data. */
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
  /** Performs an action on the SMMU and returns its state; undefined only returns it, 'reset' creates a new SMMU. */
  lab: (action: LabAction | 'reset' | undefined) => {
    if (action === 'reset') smmu = new SmmuLab();
    else if (action !== undefined) smmu.perform(action);
    return smmu.view();
  },
} as const;

/** The methods that the page may call. */
export type Methods = typeof methods;

/** A request of the page. */
export interface Question {
  readonly id: number;
  readonly method: keyof Methods;
  readonly args: readonly unknown[];
}

/** A result, the progress of the work, or the reason why it ended early. */
export type Message =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly message: string }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'progress'; readonly progress: ReturnType<Session['progress']>; readonly count: number };

/** Time between two checks for messages, in milliseconds. */
const SLICE = 24;

/** The used part of the worker's global scope. The page's types declare another one. */
interface Scope {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(message: Message): void;
}
const scope = globalThis as unknown as Scope;

/** Time between two progress messages, in milliseconds. The page draws for each. */
const REPORT_INTERVAL = 150;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

let isWorking = false;
let reportedAt = 0;

/** Works on the shown document. An error ends the work and is reported to the page, which would otherwise wait forever. */
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
  if (isDone || begun > reportedAt + REPORT_INTERVAL) {
    reportedAt = begun;
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
    // The page shows the error: the request is invalid, or this program has a bug.
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
