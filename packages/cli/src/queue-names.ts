/** Types of vEVENTQs, by the names of the SDK. */
export const QUEUE_NAMES = ['arm-smmuv3', 'tegra241-cmdqv', 'selftest'] as const;

/** A type of vEVENTQ. */
export type QueueName = (typeof QUEUE_NAMES)[number];
