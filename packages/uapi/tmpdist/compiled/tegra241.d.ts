export {};
//# sourceMappingURL=tegra241.d.ts.map