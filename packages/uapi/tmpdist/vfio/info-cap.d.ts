/**
 * What every capability begins with. An INFO request that has more to tell than its struct holds appends a chain
 * of capabilities; `cap_offset` of the struct is where the first one is, 0 if there is none or if `argsz` was too
 * small for them. Which ids there are depends on the request. Source: `linux/vfio.h`.
 */
export declare const vfio_info_cap_header: import("../struct/struct.js").Struct<{
    readonly id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly version: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly next: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=info-cap.d.ts.map