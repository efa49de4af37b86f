export {};
//# sourceMappingURL=amd.d.ts.map