/** Types of vEVENTQs, by the SDK's names. */
export const QUEUE_NAMES = ['arm-smmuv3', 'tegra241-cmdqv', 'selftest'] as const;

/** A type of vEVENTQ. */
export type QueueName = (typeof QUEUE_NAMES)[number];
