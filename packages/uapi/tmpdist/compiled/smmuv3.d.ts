export {};
//# sourceMappingURL=smmuv3.d.ts.map