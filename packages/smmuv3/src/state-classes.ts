/**
 * The classes of all objects in the state of an SMMU, by name, for code that copies the state. The state consists of
 * plain data, objects of these classes, and the objects that the caller has passed in. Two functions are not copied:
 * `Stalled.resume`, for which a device waits, and `Smmuv3.notices`, which is created when it is missing.
 */
import { Commands } from './commands.js';
import { Ports } from './ports.js';
import { CommandEntries } from './queues/command-entries.js';
import { CommandQueue } from './queues/command-queue.js';
import { CommandLegality } from './queues/command-requirements.js';
import { EventQueue } from './queues/event-queue.js';
import { OutputQueue } from './queues/output-queue.js';
import { PriQueue } from './queues/pri-queue.js';
import { QueueBase } from './queues/queue-place.js';
import { Features } from './registers/features.js';
import { Interrupts } from './registers/interrupts.js';
import { RegisterFile } from './registers/register-file.js';
import { Smmuv3 } from './smmuv3.js';
import { Stalled, Stalls } from './stalls.js';
import { ContextTable } from './tables/context-table.js';
import { StreamTable } from './tables/stream-table.js';
import { Transactions } from './transactions.js';
import { TranslationUnit } from './translation-unit.js';
import { FirstTables } from './translation/first-tables.js';
import { Stage1Walk } from './translation/stage1-walk.js';
import { Stage2 } from './translation/stage2.js';
import { StructureReader } from './translation/structure-reader.js';
import { Tlb } from './translation/tlb.js';
import { Translator } from './translator.js';

/** A class of objects. */
export interface StateClass {
  /** The prototype of its objects. */
  readonly prototype: object;
}

/** The classes by name. */
export const stateClasses: Readonly<Record<string, StateClass>> = {
  CommandEntries,
  CommandLegality,
  CommandQueue,
  Commands,
  ContextTable,
  EventQueue,
  Features,
  FirstTables,
  Interrupts,
  OutputQueue,
  Ports,
  PriQueue,
  QueueBase,
  RegisterFile,
  Smmuv3,
  Stage1Walk,
  Stage2,
  Stalled,
  Stalls,
  StreamTable,
  StructureReader,
  Tlb,
  Transactions,
  TranslationUnit,
  Translator,
};
