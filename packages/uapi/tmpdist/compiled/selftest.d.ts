export {};
//# sourceMappingURL=selftest.d.ts.map