export {};
//# sourceMappingURL=vfio.d.ts.map