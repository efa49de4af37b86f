export {};
//# sourceMappingURL=iommufd.d.ts.map