/**
 * A model of Arm's SMMUv3 (Arm IHI 0070), without a kernel and without a guest: registers, queues, tables, translation.
 * {@link Smmuv3} is the whole SMMU; its parts are exported for an SMMU that leaves some of the work to a host. The layouts of
 * registers, tables and queue entries come from `@iommufd/uapi`.
 */
export {
  type Mapping,
  type Permissions,
  physicalPlaces,
  type SystemMemory,
  type TableMapping,
  type TranslationMemory,
  type TranslationTable,
} from './memory.js';

export type { Departures } from './registers/departures.js';
export { Features, type IdRegisters } from './registers/features.js';
export {
  type Field32,
  field32,
  fieldsOf,
  mask32,
  mask64,
  register32,
  register64,
} from './registers/fields.js';
export {
  type GlobalError,
  type InterruptLines,
  Interrupts,
  type InterruptSource,
} from './registers/interrupts.js';
export { type AccessSize, RegisterFile, type Written } from './registers/register-file.js';
export {
  type Guard,
  type RegisterFeature,
  type RegisterPart,
  type RegisterRule,
  registerTable32,
  registerTable64,
} from './registers/register-table.js';
export {
  type Register32,
  type Register64,
  type Registers,
  REGISTERS_32,
  REGISTERS_64,
  resetRegisters,
} from './registers/registers.js';

export { CommandEntries } from './queues/command-entries.js';
export { type CommandConsumer, CommandQueue, type Consumed } from './queues/command-queue.js';
export {
  CommandLegality,
  type CommandName,
  type CommandRequirement,
  commandRequirements,
  foreignCommands,
} from './queues/command-requirements.js';
export { EventQueue } from './queues/event-queue.js';
export { type AutomaticResponse, type PageRequest, type PriOutcome, PriQueue } from './queues/pri-queue.js';
export { type QueuePlace, queuePlace } from './queues/queue-place.js';

export { type Cd, hasStage1, hasStage2, isAbort, isBypass, isEl2, type Ste } from './structures.js';
export { isCdLegal } from './tables/cd-validity.js';
export {
  areStagesThere,
  areSubstreamsLegal,
  isAtsLegal,
  isRegimeLegal,
  isSteLegal,
} from './tables/ste-validity.js';
export { locateSte, type SecondLevel, type SteAbsence } from './tables/stream-table.js';

export * from './events.js';
export type { Failure, FaultFlags, Rejection, TranslationFault } from './failure.js';
export { smmuv3Config, defaultSmmuv3Config, type Smmuv3Config, type Smmuv3Options } from './config.js';
export type { CommandHost } from './commands.js';
export { Smmuv3 } from './smmuv3.js';
export { TranslationUnit, type TranslationUnitParts } from './translation-unit.js';
export type {
  AbortOutcome,
  AtcInvalidation,
  AtsOutcome,
  PlaceOutcome,
  PriRequest,
  PriResponse,
  Resumption,
  SmmuOutcome,
  StallOutcome,
  StreamPort,
  StreamTransaction,
} from './stream-transaction.js';
export type { CachedTranslation, Regime, TlbTag } from './translation/tlb.js';
export { type Found, Translator } from './translator.js';
export { type StateClass, stateClasses } from './state-classes.js';
