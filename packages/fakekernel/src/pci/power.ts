/** `pci_power_t`, limited to the states that software can set. */
export const PowerState = { D0: 0, D1: 1, D2: 2, D3hot: 3 } as const;
export type PowerState = (typeof PowerState)[keyof typeof PowerState];
