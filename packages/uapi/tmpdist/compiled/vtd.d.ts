export {};
//# sourceMappingURL=vtd.d.ts.map