/** `pci_power_t`, as far as software sets it. */
export const PowerState = { D0: 0, D1: 1, D2: 2, D3hot: 3 } as const;
export type PowerState = (typeof PowerState)[keyof typeof PowerState];
