// Written by `pnpm compile` from the declarations: change those, and run it again.
import {
  SMMU_AIDR,
  SMMU_CMDQ_BASE,
  SMMU_CMDQ_CONS,
  SMMU_CMDQ_PROD,
  SMMU_CR0,
  SMMU_CR0ACK,
  SMMU_CR1,
  SMMU_CR2,
  SMMU_EVENTQ_BASE,
  SMMU_EVENTQ_CONS,
  SMMU_EVENTQ_IRQ_CFG0,
  SMMU_EVENTQ_IRQ_CFG1,
  SMMU_EVENTQ_IRQ_CFG2,
  SMMU_EVENTQ_PROD,
  SMMU_GBPA,
  SMMU_GERROR,
  SMMU_GERRORN,
  SMMU_GERROR_IRQ_CFG0,
  SMMU_GERROR_IRQ_CFG1,
  SMMU_GERROR_IRQ_CFG2,
  SMMU_IDR0,
  SMMU_IDR1,
  SMMU_IDR2,
  SMMU_IDR3,
  SMMU_IDR4,
  SMMU_IDR5,
  SMMU_IIDR,
  SMMU_IRQ_CTRL,
  SMMU_IRQ_CTRLACK,
  SMMU_PRIQ_BASE,
  SMMU_PRIQ_CONS,
  SMMU_PRIQ_IRQ_CFG0,
  SMMU_PRIQ_IRQ_CFG1,
  SMMU_PRIQ_IRQ_CFG2,
  SMMU_PRIQ_PROD,
  SMMU_STRTAB_BASE,
  SMMU_STRTAB_BASE_CFG,
  iommu_hw_info_arm_smmuv3,
  iommu_hwpt_arm_smmuv3,
  iommu_vevent_arm_smmuv3,
  iommu_viommu_arm_smmuv3_invalidate,
  smmuv3_cd,
  smmuv3_command,
  smmuv3_event,
  smmuv3_l1cd,
  smmuv3_l1std,
  smmuv3_pri,
  smmuv3_ste,
} from '../smmuv3/index.js';
import { compiled, type DecodedForm, type EncodableForm } from '../struct/compiled.js';
import { hasOnly, highHalf, isU64, isWithin, lowHalf, wide } from '../struct/fits.js';

compiled(
  SMMU_AIDR,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xffffff00) !== 0) return undefined;
    return {
      ArchMinorRev: w0 & 0xf,
      ArchMajorRev: (w0 >>> 4) & 0xf,
    };
  },
  (view, at, value) => {
    const { ArchMinorRev, ArchMajorRev } = value;
    if (typeof ArchMinorRev !== 'number' || (ArchMinorRev & 0xf) !== ArchMinorRev) return false;
    if (typeof ArchMajorRev !== 'number' || (ArchMajorRev & 0xf) !== ArchMajorRev) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, ArchMinorRev | (ArchMajorRev << 4), true);
    return true;
  },
);

compiled(
  SMMU_CMDQ_BASE,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    if ((w1 & 0xbf000000) !== 0) return undefined;
    return {
      LOG2SIZE: w0 & 0x1f,
      ADDR: wide(w0 & 0xffffffe0, w1 & 0xffffff),
      RA: (w1 >>> 30) & 0x1,
    };
  },
  (view, at, value) => {
    const { LOG2SIZE, ADDR, RA } = value;
    if (typeof LOG2SIZE !== 'number' || (LOG2SIZE & 0x1f) !== LOG2SIZE) return false;
    if (!isWithin(ADDR, 0xffffffe0, 0xffffff)) return false;
    const ADDR_lo = lowHalf(),
      ADDR_hi = highHalf();
    if (typeof RA !== 'number' || (RA & 0x1) !== RA) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, LOG2SIZE | ADDR_lo, true);
    view.setUint32(at + 4, ADDR_hi | (RA << 30), true);
    return true;
  },
);

compiled(
  SMMU_CMDQ_CONS,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0x80f00000) !== 0) return undefined;
    return {
      RD: w0 & 0xfffff,
      ERR: (w0 >>> 24) & 0x7f,
    };
  },
  (view, at, value) => {
    const { RD, ERR } = value;
    if (typeof RD !== 'number' || (RD & 0xfffff) !== RD) return false;
    if (typeof ERR !== 'number' || (ERR & 0x7f) !== ERR) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, RD | (ERR << 24), true);
    return true;
  },
);

compiled(
  SMMU_CMDQ_PROD,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfff00000) !== 0) return undefined;
    return {
      WR: w0 & 0xfffff,
    };
  },
  (view, at, value) => {
    const { WR } = value;
    if (typeof WR !== 'number' || (WR & 0xfffff) !== WR) return false;
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, WR, true);
    return true;
  },
);

compiled(
  SMMU_CR0,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffffa20) !== 0) return undefined;
    return {
      SMMUEN: w0 & 0x1,
      PRIQEN: (w0 >>> 1) & 0x1,
      EVENTQEN: (w0 >>> 2) & 0x1,
      CMDQEN: (w0 >>> 3) & 0x1,
      ATSCHK: (w0 >>> 4) & 0x1,
      VMW: (w0 >>> 6) & 0x7,
      DPT_WALK_EN: (w0 >>> 10) & 0x1,
    };
  },
  (view, at, value) => {
    const { SMMUEN, PRIQEN, EVENTQEN, CMDQEN, ATSCHK, VMW, DPT_WALK_EN } = value;
    if (typeof SMMUEN !== 'number' || (SMMUEN & 0x1) !== SMMUEN) return false;
    if (typeof PRIQEN !== 'number' || (PRIQEN & 0x1) !== PRIQEN) return false;
    if (typeof EVENTQEN !== 'number' || (EVENTQEN & 0x1) !== EVENTQEN) return false;
    if (typeof CMDQEN !== 'number' || (CMDQEN & 0x1) !== CMDQEN) return false;
    if (typeof ATSCHK !== 'number' || (ATSCHK & 0x1) !== ATSCHK) return false;
    if (typeof VMW !== 'number' || (VMW & 0x7) !== VMW) return false;
    if (typeof DPT_WALK_EN !== 'number' || (DPT_WALK_EN & 0x1) !== DPT_WALK_EN) return false;
    if (!hasOnly(value, 7)) return false;
    view.setUint32(
      at,
      SMMUEN |
        (PRIQEN << 1) |
        (EVENTQEN << 2) |
        (CMDQEN << 3) |
        (ATSCHK << 4) |
        (VMW << 6) |
        (DPT_WALK_EN << 10),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_CR0ACK,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffffa20) !== 0) return undefined;
    return {
      SMMUEN: w0 & 0x1,
      PRIQEN: (w0 >>> 1) & 0x1,
      EVENTQEN: (w0 >>> 2) & 0x1,
      CMDQEN: (w0 >>> 3) & 0x1,
      ATSCHK: (w0 >>> 4) & 0x1,
      VMW: (w0 >>> 6) & 0x7,
      DPT_WALK_EN: (w0 >>> 10) & 0x1,
    };
  },
  (view, at, value) => {
    const { SMMUEN, PRIQEN, EVENTQEN, CMDQEN, ATSCHK, VMW, DPT_WALK_EN } = value;
    if (typeof SMMUEN !== 'number' || (SMMUEN & 0x1) !== SMMUEN) return false;
    if (typeof PRIQEN !== 'number' || (PRIQEN & 0x1) !== PRIQEN) return false;
    if (typeof EVENTQEN !== 'number' || (EVENTQEN & 0x1) !== EVENTQEN) return false;
    if (typeof CMDQEN !== 'number' || (CMDQEN & 0x1) !== CMDQEN) return false;
    if (typeof ATSCHK !== 'number' || (ATSCHK & 0x1) !== ATSCHK) return false;
    if (typeof VMW !== 'number' || (VMW & 0x7) !== VMW) return false;
    if (typeof DPT_WALK_EN !== 'number' || (DPT_WALK_EN & 0x1) !== DPT_WALK_EN) return false;
    if (!hasOnly(value, 7)) return false;
    view.setUint32(
      at,
      SMMUEN |
        (PRIQEN << 1) |
        (EVENTQEN << 2) |
        (CMDQEN << 3) |
        (ATSCHK << 4) |
        (VMW << 6) |
        (DPT_WALK_EN << 10),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_CR1,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffff000) !== 0) return undefined;
    return {
      QUEUE_IC: w0 & 0x3,
      QUEUE_OC: (w0 >>> 2) & 0x3,
      QUEUE_SH: (w0 >>> 4) & 0x3,
      TABLE_IC: (w0 >>> 6) & 0x3,
      TABLE_OC: (w0 >>> 8) & 0x3,
      TABLE_SH: (w0 >>> 10) & 0x3,
    };
  },
  (view, at, value) => {
    const { QUEUE_IC, QUEUE_OC, QUEUE_SH, TABLE_IC, TABLE_OC, TABLE_SH } = value;
    if (typeof QUEUE_IC !== 'number' || (QUEUE_IC & 0x3) !== QUEUE_IC) return false;
    if (typeof QUEUE_OC !== 'number' || (QUEUE_OC & 0x3) !== QUEUE_OC) return false;
    if (typeof QUEUE_SH !== 'number' || (QUEUE_SH & 0x3) !== QUEUE_SH) return false;
    if (typeof TABLE_IC !== 'number' || (TABLE_IC & 0x3) !== TABLE_IC) return false;
    if (typeof TABLE_OC !== 'number' || (TABLE_OC & 0x3) !== TABLE_OC) return false;
    if (typeof TABLE_SH !== 'number' || (TABLE_SH & 0x3) !== TABLE_SH) return false;
    if (!hasOnly(value, 6)) return false;
    view.setUint32(
      at,
      QUEUE_IC | (QUEUE_OC << 2) | (QUEUE_SH << 4) | (TABLE_IC << 6) | (TABLE_OC << 8) | (TABLE_SH << 10),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_CR2,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffffff0) !== 0) return undefined;
    return {
      E2H: w0 & 0x1,
      RECINVSID: (w0 >>> 1) & 0x1,
      PTM: (w0 >>> 2) & 0x1,
      REC_CFG_ATS: (w0 >>> 3) & 0x1,
    };
  },
  (view, at, value) => {
    const { E2H, RECINVSID, PTM, REC_CFG_ATS } = value;
    if (typeof E2H !== 'number' || (E2H & 0x1) !== E2H) return false;
    if (typeof RECINVSID !== 'number' || (RECINVSID & 0x1) !== RECINVSID) return false;
    if (typeof PTM !== 'number' || (PTM & 0x1) !== PTM) return false;
    if (typeof REC_CFG_ATS !== 'number' || (REC_CFG_ATS & 0x1) !== REC_CFG_ATS) return false;
    if (!hasOnly(value, 4)) return false;
    view.setUint32(at, E2H | (RECINVSID << 1) | (PTM << 2) | (REC_CFG_ATS << 3), true);
    return true;
  },
);

compiled(
  SMMU_EVENTQ_BASE,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    if ((w1 & 0xbf000000) !== 0) return undefined;
    return {
      LOG2SIZE: w0 & 0x1f,
      ADDR: wide(w0 & 0xffffffe0, w1 & 0xffffff),
      WA: (w1 >>> 30) & 0x1,
    };
  },
  (view, at, value) => {
    const { LOG2SIZE, ADDR, WA } = value;
    if (typeof LOG2SIZE !== 'number' || (LOG2SIZE & 0x1f) !== LOG2SIZE) return false;
    if (!isWithin(ADDR, 0xffffffe0, 0xffffff)) return false;
    const ADDR_lo = lowHalf(),
      ADDR_hi = highHalf();
    if (typeof WA !== 'number' || (WA & 0x1) !== WA) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, LOG2SIZE | ADDR_lo, true);
    view.setUint32(at + 4, ADDR_hi | (WA << 30), true);
    return true;
  },
);

compiled(
  SMMU_EVENTQ_CONS,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0x7ff00000) !== 0) return undefined;
    return {
      RD: w0 & 0xfffff,
      OVACKFLG: w0 >>> 31,
    };
  },
  (view, at, value) => {
    const { RD, OVACKFLG } = value;
    if (typeof RD !== 'number' || (RD & 0xfffff) !== RD) return false;
    if (typeof OVACKFLG !== 'number' || (OVACKFLG & 0x1) !== OVACKFLG) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, RD | (OVACKFLG << 31), true);
    return true;
  },
);

compiled(
  SMMU_EVENTQ_IRQ_CFG0,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    if (((w0 & 0x3) | (w1 & 0xff000000)) !== 0) return undefined;
    return {
      ADDR: (w0 | w1) === 0 ? 0n : view.getBigUint64(at, true),
    };
  },
  (view, at, value) => {
    const { ADDR } = value;
    if (!isWithin(ADDR, 0xfffffffc, 0xffffff)) return false;
    const ADDR_lo = lowHalf(),
      ADDR_hi = highHalf();
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, ADDR_lo, true);
    view.setUint32(at + 4, ADDR_hi, true);
    return true;
  },
);

compiled(
  SMMU_EVENTQ_IRQ_CFG1,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    return {
      DATA: w0,
    };
  },
  (view, at, value) => {
    const { DATA } = value;
    if (typeof DATA !== 'number' || DATA >>> 0 !== DATA) return false;
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, DATA, true);
    return true;
  },
);

compiled(
  SMMU_EVENTQ_IRQ_CFG2,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xffffffc0) !== 0) return undefined;
    return {
      MemAttr: w0 & 0xf,
      SH: (w0 >>> 4) & 0x3,
    };
  },
  (view, at, value) => {
    const { MemAttr, SH } = value;
    if (typeof MemAttr !== 'number' || (MemAttr & 0xf) !== MemAttr) return false;
    if (typeof SH !== 'number' || (SH & 0x3) !== SH) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, MemAttr | (SH << 4), true);
    return true;
  },
);

compiled(
  SMMU_EVENTQ_PROD,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0x7ff00000) !== 0) return undefined;
    return {
      WR: w0 & 0xfffff,
      OVFLG: w0 >>> 31,
    };
  },
  (view, at, value) => {
    const { WR, OVFLG } = value;
    if (typeof WR !== 'number' || (WR & 0xfffff) !== WR) return false;
    if (typeof OVFLG !== 'number' || (OVFLG & 0x1) !== OVFLG) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, WR | (OVFLG << 31), true);
    return true;
  },
);

compiled(
  SMMU_GBPA,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0x7fe0c0e0) !== 0) return undefined;
    return {
      MemAttr: w0 & 0xf,
      MTCFG: (w0 >>> 4) & 0x1,
      ALLOCCFG: (w0 >>> 8) & 0xf,
      SHCFG: (w0 >>> 12) & 0x3,
      PRIVCFG: (w0 >>> 16) & 0x3,
      INSTCFG: (w0 >>> 18) & 0x3,
      ABORT: (w0 >>> 20) & 0x1,
      Update: w0 >>> 31,
    };
  },
  (view, at, value) => {
    const { MemAttr, MTCFG, ALLOCCFG, SHCFG, PRIVCFG, INSTCFG, ABORT, Update } = value;
    if (typeof MemAttr !== 'number' || (MemAttr & 0xf) !== MemAttr) return false;
    if (typeof MTCFG !== 'number' || (MTCFG & 0x1) !== MTCFG) return false;
    if (typeof ALLOCCFG !== 'number' || (ALLOCCFG & 0xf) !== ALLOCCFG) return false;
    if (typeof SHCFG !== 'number' || (SHCFG & 0x3) !== SHCFG) return false;
    if (typeof PRIVCFG !== 'number' || (PRIVCFG & 0x3) !== PRIVCFG) return false;
    if (typeof INSTCFG !== 'number' || (INSTCFG & 0x3) !== INSTCFG) return false;
    if (typeof ABORT !== 'number' || (ABORT & 0x1) !== ABORT) return false;
    if (typeof Update !== 'number' || (Update & 0x1) !== Update) return false;
    if (!hasOnly(value, 8)) return false;
    view.setUint32(
      at,
      MemAttr |
        (MTCFG << 4) |
        (ALLOCCFG << 8) |
        (SHCFG << 12) |
        (PRIVCFG << 16) |
        (INSTCFG << 18) |
        (ABORT << 20) |
        (Update << 31),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_GERROR,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffff802) !== 0) return undefined;
    return {
      CMDQ_ERR: w0 & 0x1,
      EVENTQ_ABT_ERR: (w0 >>> 2) & 0x1,
      PRIQ_ABT_ERR: (w0 >>> 3) & 0x1,
      MSI_CMDQ_ABT_ERR: (w0 >>> 4) & 0x1,
      MSI_EVENTQ_ABT_ERR: (w0 >>> 5) & 0x1,
      MSI_PRIQ_ABT_ERR: (w0 >>> 6) & 0x1,
      MSI_GERROR_ABT_ERR: (w0 >>> 7) & 0x1,
      SFM_ERR: (w0 >>> 8) & 0x1,
      CMDQP_ERR: (w0 >>> 9) & 0x1,
      DPT_ERR: (w0 >>> 10) & 0x1,
    };
  },
  (view, at, value) => {
    const {
      CMDQ_ERR,
      EVENTQ_ABT_ERR,
      PRIQ_ABT_ERR,
      MSI_CMDQ_ABT_ERR,
      MSI_EVENTQ_ABT_ERR,
      MSI_PRIQ_ABT_ERR,
      MSI_GERROR_ABT_ERR,
      SFM_ERR,
      CMDQP_ERR,
      DPT_ERR,
    } = value;
    if (typeof CMDQ_ERR !== 'number' || (CMDQ_ERR & 0x1) !== CMDQ_ERR) return false;
    if (typeof EVENTQ_ABT_ERR !== 'number' || (EVENTQ_ABT_ERR & 0x1) !== EVENTQ_ABT_ERR) return false;
    if (typeof PRIQ_ABT_ERR !== 'number' || (PRIQ_ABT_ERR & 0x1) !== PRIQ_ABT_ERR) return false;
    if (typeof MSI_CMDQ_ABT_ERR !== 'number' || (MSI_CMDQ_ABT_ERR & 0x1) !== MSI_CMDQ_ABT_ERR) return false;
    if (typeof MSI_EVENTQ_ABT_ERR !== 'number' || (MSI_EVENTQ_ABT_ERR & 0x1) !== MSI_EVENTQ_ABT_ERR)
      return false;
    if (typeof MSI_PRIQ_ABT_ERR !== 'number' || (MSI_PRIQ_ABT_ERR & 0x1) !== MSI_PRIQ_ABT_ERR) return false;
    if (typeof MSI_GERROR_ABT_ERR !== 'number' || (MSI_GERROR_ABT_ERR & 0x1) !== MSI_GERROR_ABT_ERR)
      return false;
    if (typeof SFM_ERR !== 'number' || (SFM_ERR & 0x1) !== SFM_ERR) return false;
    if (typeof CMDQP_ERR !== 'number' || (CMDQP_ERR & 0x1) !== CMDQP_ERR) return false;
    if (typeof DPT_ERR !== 'number' || (DPT_ERR & 0x1) !== DPT_ERR) return false;
    if (!hasOnly(value, 10)) return false;
    view.setUint32(
      at,
      CMDQ_ERR |
        (EVENTQ_ABT_ERR << 2) |
        (PRIQ_ABT_ERR << 3) |
        (MSI_CMDQ_ABT_ERR << 4) |
        (MSI_EVENTQ_ABT_ERR << 5) |
        (MSI_PRIQ_ABT_ERR << 6) |
        (MSI_GERROR_ABT_ERR << 7) |
        (SFM_ERR << 8) |
        (CMDQP_ERR << 9) |
        (DPT_ERR << 10),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_GERRORN,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffff802) !== 0) return undefined;
    return {
      CMDQ_ERR: w0 & 0x1,
      EVENTQ_ABT_ERR: (w0 >>> 2) & 0x1,
      PRIQ_ABT_ERR: (w0 >>> 3) & 0x1,
      MSI_CMDQ_ABT_ERR: (w0 >>> 4) & 0x1,
      MSI_EVENTQ_ABT_ERR: (w0 >>> 5) & 0x1,
      MSI_PRIQ_ABT_ERR: (w0 >>> 6) & 0x1,
      MSI_GERROR_ABT_ERR: (w0 >>> 7) & 0x1,
      SFM_ERR: (w0 >>> 8) & 0x1,
      CMDQP_ERR: (w0 >>> 9) & 0x1,
      DPT_ERR: (w0 >>> 10) & 0x1,
    };
  },
  (view, at, value) => {
    const {
      CMDQ_ERR,
      EVENTQ_ABT_ERR,
      PRIQ_ABT_ERR,
      MSI_CMDQ_ABT_ERR,
      MSI_EVENTQ_ABT_ERR,
      MSI_PRIQ_ABT_ERR,
      MSI_GERROR_ABT_ERR,
      SFM_ERR,
      CMDQP_ERR,
      DPT_ERR,
    } = value;
    if (typeof CMDQ_ERR !== 'number' || (CMDQ_ERR & 0x1) !== CMDQ_ERR) return false;
    if (typeof EVENTQ_ABT_ERR !== 'number' || (EVENTQ_ABT_ERR & 0x1) !== EVENTQ_ABT_ERR) return false;
    if (typeof PRIQ_ABT_ERR !== 'number' || (PRIQ_ABT_ERR & 0x1) !== PRIQ_ABT_ERR) return false;
    if (typeof MSI_CMDQ_ABT_ERR !== 'number' || (MSI_CMDQ_ABT_ERR & 0x1) !== MSI_CMDQ_ABT_ERR) return false;
    if (typeof MSI_EVENTQ_ABT_ERR !== 'number' || (MSI_EVENTQ_ABT_ERR & 0x1) !== MSI_EVENTQ_ABT_ERR)
      return false;
    if (typeof MSI_PRIQ_ABT_ERR !== 'number' || (MSI_PRIQ_ABT_ERR & 0x1) !== MSI_PRIQ_ABT_ERR) return false;
    if (typeof MSI_GERROR_ABT_ERR !== 'number' || (MSI_GERROR_ABT_ERR & 0x1) !== MSI_GERROR_ABT_ERR)
      return false;
    if (typeof SFM_ERR !== 'number' || (SFM_ERR & 0x1) !== SFM_ERR) return false;
    if (typeof CMDQP_ERR !== 'number' || (CMDQP_ERR & 0x1) !== CMDQP_ERR) return false;
    if (typeof DPT_ERR !== 'number' || (DPT_ERR & 0x1) !== DPT_ERR) return false;
    if (!hasOnly(value, 10)) return false;
    view.setUint32(
      at,
      CMDQ_ERR |
        (EVENTQ_ABT_ERR << 2) |
        (PRIQ_ABT_ERR << 3) |
        (MSI_CMDQ_ABT_ERR << 4) |
        (MSI_EVENTQ_ABT_ERR << 5) |
        (MSI_PRIQ_ABT_ERR << 6) |
        (MSI_GERROR_ABT_ERR << 7) |
        (SFM_ERR << 8) |
        (CMDQP_ERR << 9) |
        (DPT_ERR << 10),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_GERROR_IRQ_CFG0,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    if (((w0 & 0x3) | (w1 & 0xff000000)) !== 0) return undefined;
    return {
      ADDR: (w0 | w1) === 0 ? 0n : view.getBigUint64(at, true),
    };
  },
  (view, at, value) => {
    const { ADDR } = value;
    if (!isWithin(ADDR, 0xfffffffc, 0xffffff)) return false;
    const ADDR_lo = lowHalf(),
      ADDR_hi = highHalf();
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, ADDR_lo, true);
    view.setUint32(at + 4, ADDR_hi, true);
    return true;
  },
);

compiled(
  SMMU_GERROR_IRQ_CFG1,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    return {
      DATA: w0,
    };
  },
  (view, at, value) => {
    const { DATA } = value;
    if (typeof DATA !== 'number' || DATA >>> 0 !== DATA) return false;
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, DATA, true);
    return true;
  },
);

compiled(
  SMMU_GERROR_IRQ_CFG2,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xffffffc0) !== 0) return undefined;
    return {
      MemAttr: w0 & 0xf,
      SH: (w0 >>> 4) & 0x3,
    };
  },
  (view, at, value) => {
    const { MemAttr, SH } = value;
    if (typeof MemAttr !== 'number' || (MemAttr & 0xf) !== MemAttr) return false;
    if (typeof SH !== 'number' || (SH & 0x3) !== SH) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, MemAttr | (SH << 4), true);
    return true;
  },
);

compiled(
  SMMU_IDR0,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xa0000000) !== 0) return undefined;
    return {
      S2P: w0 & 0x1,
      S1P: (w0 >>> 1) & 0x1,
      TTF: (w0 >>> 2) & 0x3,
      COHACC: (w0 >>> 4) & 0x1,
      BTM: (w0 >>> 5) & 0x1,
      HTTU: (w0 >>> 6) & 0x3,
      DORMHINT: (w0 >>> 8) & 0x1,
      Hyp: (w0 >>> 9) & 0x1,
      ATS: (w0 >>> 10) & 0x1,
      NS1ATS: (w0 >>> 11) & 0x1,
      ASID16: (w0 >>> 12) & 0x1,
      MSI: (w0 >>> 13) & 0x1,
      SEV: (w0 >>> 14) & 0x1,
      ATOS: (w0 >>> 15) & 0x1,
      PRI: (w0 >>> 16) & 0x1,
      VMW: (w0 >>> 17) & 0x1,
      VMID16: (w0 >>> 18) & 0x1,
      CD2L: (w0 >>> 19) & 0x1,
      VATOS: (w0 >>> 20) & 0x1,
      TTENDIAN: (w0 >>> 21) & 0x3,
      ATSRECERR: (w0 >>> 23) & 0x1,
      STALL_MODEL: (w0 >>> 24) & 0x3,
      TERM_MODEL: (w0 >>> 26) & 0x1,
      ST_LEVEL: (w0 >>> 27) & 0x3,
      RME_IMPL: (w0 >>> 30) & 0x1,
    };
  },
  (view, at, value) => {
    const {
      S2P,
      S1P,
      TTF,
      COHACC,
      BTM,
      HTTU,
      DORMHINT,
      Hyp,
      ATS,
      NS1ATS,
      ASID16,
      MSI,
      SEV,
      ATOS,
      PRI,
      VMW,
      VMID16,
      CD2L,
      VATOS,
      TTENDIAN,
      ATSRECERR,
      STALL_MODEL,
      TERM_MODEL,
      ST_LEVEL,
      RME_IMPL,
    } = value;
    if (typeof S2P !== 'number' || (S2P & 0x1) !== S2P) return false;
    if (typeof S1P !== 'number' || (S1P & 0x1) !== S1P) return false;
    if (typeof TTF !== 'number' || (TTF & 0x3) !== TTF) return false;
    if (typeof COHACC !== 'number' || (COHACC & 0x1) !== COHACC) return false;
    if (typeof BTM !== 'number' || (BTM & 0x1) !== BTM) return false;
    if (typeof HTTU !== 'number' || (HTTU & 0x3) !== HTTU) return false;
    if (typeof DORMHINT !== 'number' || (DORMHINT & 0x1) !== DORMHINT) return false;
    if (typeof Hyp !== 'number' || (Hyp & 0x1) !== Hyp) return false;
    if (typeof ATS !== 'number' || (ATS & 0x1) !== ATS) return false;
    if (typeof NS1ATS !== 'number' || (NS1ATS & 0x1) !== NS1ATS) return false;
    if (typeof ASID16 !== 'number' || (ASID16 & 0x1) !== ASID16) return false;
    if (typeof MSI !== 'number' || (MSI & 0x1) !== MSI) return false;
    if (typeof SEV !== 'number' || (SEV & 0x1) !== SEV) return false;
    if (typeof ATOS !== 'number' || (ATOS & 0x1) !== ATOS) return false;
    if (typeof PRI !== 'number' || (PRI & 0x1) !== PRI) return false;
    if (typeof VMW !== 'number' || (VMW & 0x1) !== VMW) return false;
    if (typeof VMID16 !== 'number' || (VMID16 & 0x1) !== VMID16) return false;
    if (typeof CD2L !== 'number' || (CD2L & 0x1) !== CD2L) return false;
    if (typeof VATOS !== 'number' || (VATOS & 0x1) !== VATOS) return false;
    if (typeof TTENDIAN !== 'number' || (TTENDIAN & 0x3) !== TTENDIAN) return false;
    if (typeof ATSRECERR !== 'number' || (ATSRECERR & 0x1) !== ATSRECERR) return false;
    if (typeof STALL_MODEL !== 'number' || (STALL_MODEL & 0x3) !== STALL_MODEL) return false;
    if (typeof TERM_MODEL !== 'number' || (TERM_MODEL & 0x1) !== TERM_MODEL) return false;
    if (typeof ST_LEVEL !== 'number' || (ST_LEVEL & 0x3) !== ST_LEVEL) return false;
    if (typeof RME_IMPL !== 'number' || (RME_IMPL & 0x1) !== RME_IMPL) return false;
    if (!hasOnly(value, 25)) return false;
    view.setUint32(
      at,
      S2P |
        (S1P << 1) |
        (TTF << 2) |
        (COHACC << 4) |
        (BTM << 5) |
        (HTTU << 6) |
        (DORMHINT << 8) |
        (Hyp << 9) |
        (ATS << 10) |
        (NS1ATS << 11) |
        (ASID16 << 12) |
        (MSI << 13) |
        (SEV << 14) |
        (ATOS << 15) |
        (PRI << 16) |
        (VMW << 17) |
        (VMID16 << 18) |
        (CD2L << 19) |
        (VATOS << 20) |
        (TTENDIAN << 21) |
        (ATSRECERR << 23) |
        (STALL_MODEL << 24) |
        (TERM_MODEL << 26) |
        (ST_LEVEL << 27) |
        (RME_IMPL << 30),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_IDR1,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    return {
      SIDSIZE: w0 & 0x3f,
      SSIDSIZE: (w0 >>> 6) & 0x1f,
      PRIQS: (w0 >>> 11) & 0x1f,
      EVENTQS: (w0 >>> 16) & 0x1f,
      CMDQS: (w0 >>> 21) & 0x1f,
      ATTR_PERMS_OVR: (w0 >>> 26) & 0x1,
      ATTR_TYPES_OVR: (w0 >>> 27) & 0x1,
      REL: (w0 >>> 28) & 0x1,
      QUEUES_PRESET: (w0 >>> 29) & 0x1,
      TABLES_PRESET: (w0 >>> 30) & 0x1,
      ECMDQ: w0 >>> 31,
    };
  },
  (view, at, value) => {
    const {
      SIDSIZE,
      SSIDSIZE,
      PRIQS,
      EVENTQS,
      CMDQS,
      ATTR_PERMS_OVR,
      ATTR_TYPES_OVR,
      REL,
      QUEUES_PRESET,
      TABLES_PRESET,
      ECMDQ,
    } = value;
    if (typeof SIDSIZE !== 'number' || (SIDSIZE & 0x3f) !== SIDSIZE) return false;
    if (typeof SSIDSIZE !== 'number' || (SSIDSIZE & 0x1f) !== SSIDSIZE) return false;
    if (typeof PRIQS !== 'number' || (PRIQS & 0x1f) !== PRIQS) return false;
    if (typeof EVENTQS !== 'number' || (EVENTQS & 0x1f) !== EVENTQS) return false;
    if (typeof CMDQS !== 'number' || (CMDQS & 0x1f) !== CMDQS) return false;
    if (typeof ATTR_PERMS_OVR !== 'number' || (ATTR_PERMS_OVR & 0x1) !== ATTR_PERMS_OVR) return false;
    if (typeof ATTR_TYPES_OVR !== 'number' || (ATTR_TYPES_OVR & 0x1) !== ATTR_TYPES_OVR) return false;
    if (typeof REL !== 'number' || (REL & 0x1) !== REL) return false;
    if (typeof QUEUES_PRESET !== 'number' || (QUEUES_PRESET & 0x1) !== QUEUES_PRESET) return false;
    if (typeof TABLES_PRESET !== 'number' || (TABLES_PRESET & 0x1) !== TABLES_PRESET) return false;
    if (typeof ECMDQ !== 'number' || (ECMDQ & 0x1) !== ECMDQ) return false;
    if (!hasOnly(value, 11)) return false;
    view.setUint32(
      at,
      SIDSIZE |
        (SSIDSIZE << 6) |
        (PRIQS << 11) |
        (EVENTQS << 16) |
        (CMDQS << 21) |
        (ATTR_PERMS_OVR << 26) |
        (ATTR_TYPES_OVR << 27) |
        (REL << 28) |
        (QUEUES_PRESET << 29) |
        (TABLES_PRESET << 30) |
        (ECMDQ << 31),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_IDR2,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffffc00) !== 0) return undefined;
    return {
      BA_VATOS: w0 & 0x3ff,
    };
  },
  (view, at, value) => {
    const { BA_VATOS } = value;
    if (typeof BA_VATOS !== 'number' || (BA_VATOS & 0x3ff) !== BA_VATOS) return false;
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, BA_VATOS, true);
    return true;
  },
);

compiled(
  SMMU_IDR3,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xff000043) !== 0) return undefined;
    return {
      HAD: (w0 >>> 2) & 0x1,
      PBHA: (w0 >>> 3) & 0x1,
      XNX: (w0 >>> 4) & 0x1,
      PPS: (w0 >>> 5) & 0x1,
      MPAM: (w0 >>> 7) & 0x1,
      FWB: (w0 >>> 8) & 0x1,
      STT: (w0 >>> 9) & 0x1,
      RIL: (w0 >>> 10) & 0x1,
      BBML: (w0 >>> 11) & 0x3,
      E0PD: (w0 >>> 13) & 0x1,
      PTWNNC: (w0 >>> 14) & 0x1,
      DPT: (w0 >>> 15) & 0x1,
      PASIDTT: (w0 >>> 16) & 0x1,
      EPAN: (w0 >>> 17) & 0x1,
      S1PI: (w0 >>> 18) & 0x1,
      S2PI: (w0 >>> 19) & 0x1,
      S2PO: (w0 >>> 20) & 0x1,
      THE: (w0 >>> 21) & 0x1,
      MTEPERM: (w0 >>> 22) & 0x1,
      AIE: (w0 >>> 23) & 0x1,
    };
  },
  (view, at, value) => {
    const {
      HAD,
      PBHA,
      XNX,
      PPS,
      MPAM,
      FWB,
      STT,
      RIL,
      BBML,
      E0PD,
      PTWNNC,
      DPT,
      PASIDTT,
      EPAN,
      S1PI,
      S2PI,
      S2PO,
      THE,
      MTEPERM,
      AIE,
    } = value;
    if (typeof HAD !== 'number' || (HAD & 0x1) !== HAD) return false;
    if (typeof PBHA !== 'number' || (PBHA & 0x1) !== PBHA) return false;
    if (typeof XNX !== 'number' || (XNX & 0x1) !== XNX) return false;
    if (typeof PPS !== 'number' || (PPS & 0x1) !== PPS) return false;
    if (typeof MPAM !== 'number' || (MPAM & 0x1) !== MPAM) return false;
    if (typeof FWB !== 'number' || (FWB & 0x1) !== FWB) return false;
    if (typeof STT !== 'number' || (STT & 0x1) !== STT) return false;
    if (typeof RIL !== 'number' || (RIL & 0x1) !== RIL) return false;
    if (typeof BBML !== 'number' || (BBML & 0x3) !== BBML) return false;
    if (typeof E0PD !== 'number' || (E0PD & 0x1) !== E0PD) return false;
    if (typeof PTWNNC !== 'number' || (PTWNNC & 0x1) !== PTWNNC) return false;
    if (typeof DPT !== 'number' || (DPT & 0x1) !== DPT) return false;
    if (typeof PASIDTT !== 'number' || (PASIDTT & 0x1) !== PASIDTT) return false;
    if (typeof EPAN !== 'number' || (EPAN & 0x1) !== EPAN) return false;
    if (typeof S1PI !== 'number' || (S1PI & 0x1) !== S1PI) return false;
    if (typeof S2PI !== 'number' || (S2PI & 0x1) !== S2PI) return false;
    if (typeof S2PO !== 'number' || (S2PO & 0x1) !== S2PO) return false;
    if (typeof THE !== 'number' || (THE & 0x1) !== THE) return false;
    if (typeof MTEPERM !== 'number' || (MTEPERM & 0x1) !== MTEPERM) return false;
    if (typeof AIE !== 'number' || (AIE & 0x1) !== AIE) return false;
    if (!hasOnly(value, 20)) return false;
    view.setUint32(
      at,
      (HAD << 2) |
        (PBHA << 3) |
        (XNX << 4) |
        (PPS << 5) |
        (MPAM << 7) |
        (FWB << 8) |
        (STT << 9) |
        (RIL << 10) |
        (BBML << 11) |
        (E0PD << 13) |
        (PTWNNC << 14) |
        (DPT << 15) |
        (PASIDTT << 16) |
        (EPAN << 17) |
        (S1PI << 18) |
        (S2PI << 19) |
        (S2PO << 20) |
        (THE << 21) |
        (MTEPERM << 22) |
        (AIE << 23),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_IDR4,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    return {
      IMPLEMENTATION_DEFINED_31_0: w0,
    };
  },
  (view, at, value) => {
    const { IMPLEMENTATION_DEFINED_31_0 } = value;
    if (
      typeof IMPLEMENTATION_DEFINED_31_0 !== 'number' ||
      IMPLEMENTATION_DEFINED_31_0 >>> 0 !== IMPLEMENTATION_DEFINED_31_0
    )
      return false;
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, IMPLEMENTATION_DEFINED_31_0, true);
    return true;
  },
);

compiled(
  SMMU_IDR5,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xf208) !== 0) return undefined;
    return {
      OAS: w0 & 0x7,
      GRAN4K: (w0 >>> 4) & 0x1,
      GRAN16K: (w0 >>> 5) & 0x1,
      GRAN64K: (w0 >>> 6) & 0x1,
      DS: (w0 >>> 7) & 0x1,
      D128: (w0 >>> 8) & 0x1,
      VAX: (w0 >>> 10) & 0x3,
      STALL_MAX: w0 >>> 16,
    };
  },
  (view, at, value) => {
    const { OAS, GRAN4K, GRAN16K, GRAN64K, DS, D128, VAX, STALL_MAX } = value;
    if (typeof OAS !== 'number' || (OAS & 0x7) !== OAS) return false;
    if (typeof GRAN4K !== 'number' || (GRAN4K & 0x1) !== GRAN4K) return false;
    if (typeof GRAN16K !== 'number' || (GRAN16K & 0x1) !== GRAN16K) return false;
    if (typeof GRAN64K !== 'number' || (GRAN64K & 0x1) !== GRAN64K) return false;
    if (typeof DS !== 'number' || (DS & 0x1) !== DS) return false;
    if (typeof D128 !== 'number' || (D128 & 0x1) !== D128) return false;
    if (typeof VAX !== 'number' || (VAX & 0x3) !== VAX) return false;
    if (typeof STALL_MAX !== 'number' || (STALL_MAX & 0xffff) !== STALL_MAX) return false;
    if (!hasOnly(value, 8)) return false;
    view.setUint32(
      at,
      OAS |
        (GRAN4K << 4) |
        (GRAN16K << 5) |
        (GRAN64K << 6) |
        (DS << 7) |
        (D128 << 8) |
        (VAX << 10) |
        (STALL_MAX << 16),
      true,
    );
    return true;
  },
);

compiled(
  SMMU_IIDR,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    return {
      Implementer: w0 & 0xfff,
      Revision: (w0 >>> 12) & 0xf,
      Variant: (w0 >>> 16) & 0xf,
      ProductID: w0 >>> 20,
    };
  },
  (view, at, value) => {
    const { Implementer, Revision, Variant, ProductID } = value;
    if (typeof Implementer !== 'number' || (Implementer & 0xfff) !== Implementer) return false;
    if (typeof Revision !== 'number' || (Revision & 0xf) !== Revision) return false;
    if (typeof Variant !== 'number' || (Variant & 0xf) !== Variant) return false;
    if (typeof ProductID !== 'number' || (ProductID & 0xfff) !== ProductID) return false;
    if (!hasOnly(value, 4)) return false;
    view.setUint32(at, Implementer | (Revision << 12) | (Variant << 16) | (ProductID << 20), true);
    return true;
  },
);

compiled(
  SMMU_IRQ_CTRL,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffffff8) !== 0) return undefined;
    return {
      GERROR_IRQEN: w0 & 0x1,
      PRIQ_IRQEN: (w0 >>> 1) & 0x1,
      EVENTQ_IRQEN: (w0 >>> 2) & 0x1,
    };
  },
  (view, at, value) => {
    const { GERROR_IRQEN, PRIQ_IRQEN, EVENTQ_IRQEN } = value;
    if (typeof GERROR_IRQEN !== 'number' || (GERROR_IRQEN & 0x1) !== GERROR_IRQEN) return false;
    if (typeof PRIQ_IRQEN !== 'number' || (PRIQ_IRQEN & 0x1) !== PRIQ_IRQEN) return false;
    if (typeof EVENTQ_IRQEN !== 'number' || (EVENTQ_IRQEN & 0x1) !== EVENTQ_IRQEN) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, GERROR_IRQEN | (PRIQ_IRQEN << 1) | (EVENTQ_IRQEN << 2), true);
    return true;
  },
);

compiled(
  SMMU_IRQ_CTRLACK,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffffff8) !== 0) return undefined;
    return {
      GERROR_IRQEN: w0 & 0x1,
      PRIQ_IRQEN: (w0 >>> 1) & 0x1,
      EVENTQ_IRQEN: (w0 >>> 2) & 0x1,
    };
  },
  (view, at, value) => {
    const { GERROR_IRQEN, PRIQ_IRQEN, EVENTQ_IRQEN } = value;
    if (typeof GERROR_IRQEN !== 'number' || (GERROR_IRQEN & 0x1) !== GERROR_IRQEN) return false;
    if (typeof PRIQ_IRQEN !== 'number' || (PRIQ_IRQEN & 0x1) !== PRIQ_IRQEN) return false;
    if (typeof EVENTQ_IRQEN !== 'number' || (EVENTQ_IRQEN & 0x1) !== EVENTQ_IRQEN) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, GERROR_IRQEN | (PRIQ_IRQEN << 1) | (EVENTQ_IRQEN << 2), true);
    return true;
  },
);

compiled(
  SMMU_PRIQ_BASE,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    if ((w1 & 0xbf000000) !== 0) return undefined;
    return {
      LOG2SIZE: w0 & 0x1f,
      ADDR: wide(w0 & 0xffffffe0, w1 & 0xffffff),
      WA: (w1 >>> 30) & 0x1,
    };
  },
  (view, at, value) => {
    const { LOG2SIZE, ADDR, WA } = value;
    if (typeof LOG2SIZE !== 'number' || (LOG2SIZE & 0x1f) !== LOG2SIZE) return false;
    if (!isWithin(ADDR, 0xffffffe0, 0xffffff)) return false;
    const ADDR_lo = lowHalf(),
      ADDR_hi = highHalf();
    if (typeof WA !== 'number' || (WA & 0x1) !== WA) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, LOG2SIZE | ADDR_lo, true);
    view.setUint32(at + 4, ADDR_hi | (WA << 30), true);
    return true;
  },
);

compiled(
  SMMU_PRIQ_CONS,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0x7ff00000) !== 0) return undefined;
    return {
      RD: w0 & 0xfffff,
      OVACKFLG: w0 >>> 31,
    };
  },
  (view, at, value) => {
    const { RD, OVACKFLG } = value;
    if (typeof RD !== 'number' || (RD & 0xfffff) !== RD) return false;
    if (typeof OVACKFLG !== 'number' || (OVACKFLG & 0x1) !== OVACKFLG) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, RD | (OVACKFLG << 31), true);
    return true;
  },
);

compiled(
  SMMU_PRIQ_IRQ_CFG0,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    if (((w0 & 0x3) | (w1 & 0xff000000)) !== 0) return undefined;
    return {
      ADDR: (w0 | w1) === 0 ? 0n : view.getBigUint64(at, true),
    };
  },
  (view, at, value) => {
    const { ADDR } = value;
    if (!isWithin(ADDR, 0xfffffffc, 0xffffff)) return false;
    const ADDR_lo = lowHalf(),
      ADDR_hi = highHalf();
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, ADDR_lo, true);
    view.setUint32(at + 4, ADDR_hi, true);
    return true;
  },
);

compiled(
  SMMU_PRIQ_IRQ_CFG1,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    return {
      DATA: w0,
    };
  },
  (view, at, value) => {
    const { DATA } = value;
    if (typeof DATA !== 'number' || DATA >>> 0 !== DATA) return false;
    if (!hasOnly(value, 1)) return false;
    view.setUint32(at, DATA, true);
    return true;
  },
);

compiled(
  SMMU_PRIQ_IRQ_CFG2,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0x7fffffc0) !== 0) return undefined;
    return {
      MemAttr: w0 & 0xf,
      SH: (w0 >>> 4) & 0x3,
      LO: w0 >>> 31,
    };
  },
  (view, at, value) => {
    const { MemAttr, SH, LO } = value;
    if (typeof MemAttr !== 'number' || (MemAttr & 0xf) !== MemAttr) return false;
    if (typeof SH !== 'number' || (SH & 0x3) !== SH) return false;
    if (typeof LO !== 'number' || (LO & 0x1) !== LO) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, MemAttr | (SH << 4) | (LO << 31), true);
    return true;
  },
);

compiled(
  SMMU_PRIQ_PROD,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0x7ff00000) !== 0) return undefined;
    return {
      WR: w0 & 0xfffff,
      OVFLG: w0 >>> 31,
    };
  },
  (view, at, value) => {
    const { WR, OVFLG } = value;
    if (typeof WR !== 'number' || (WR & 0xfffff) !== WR) return false;
    if (typeof OVFLG !== 'number' || (OVFLG & 0x1) !== OVFLG) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, WR | (OVFLG << 31), true);
    return true;
  },
);

compiled(
  SMMU_STRTAB_BASE,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    if (((w0 & 0x3f) | (w1 & 0xbf000000)) !== 0) return undefined;
    return {
      ADDR: wide(w0 & 0xffffffc0, w1 & 0xffffff),
      RA: (w1 >>> 30) & 0x1,
    };
  },
  (view, at, value) => {
    const { ADDR, RA } = value;
    if (!isWithin(ADDR, 0xffffffc0, 0xffffff)) return false;
    const ADDR_lo = lowHalf(),
      ADDR_hi = highHalf();
    if (typeof RA !== 'number' || (RA & 0x1) !== RA) return false;
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, ADDR_lo, true);
    view.setUint32(at + 4, ADDR_hi | (RA << 30), true);
    return true;
  },
);

compiled(
  SMMU_STRTAB_BASE_CFG,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    if ((w0 & 0xfffcf800) !== 0) return undefined;
    return {
      LOG2SIZE: w0 & 0x3f,
      SPLIT: (w0 >>> 6) & 0x1f,
      FMT: (w0 >>> 16) & 0x3,
    };
  },
  (view, at, value) => {
    const { LOG2SIZE, SPLIT, FMT } = value;
    if (typeof LOG2SIZE !== 'number' || (LOG2SIZE & 0x3f) !== LOG2SIZE) return false;
    if (typeof SPLIT !== 'number' || (SPLIT & 0x1f) !== SPLIT) return false;
    if (typeof FMT !== 'number' || (FMT & 0x3) !== FMT) return false;
    if (!hasOnly(value, 3)) return false;
    view.setUint32(at, LOG2SIZE | (SPLIT << 6) | (FMT << 16), true);
    return true;
  },
);

compiled(
  iommu_hw_info_arm_smmuv3,
  (view, at) => {
    if (view.getUint32(at + 4, true) !== 0) return undefined;
    return {
      flags: view.getUint32(at, true),
      __reserved: 0,
      idr: [
        view.getUint32(at + 8, true),
        view.getUint32(at + 12, true),
        view.getUint32(at + 16, true),
        view.getUint32(at + 20, true),
        view.getUint32(at + 24, true),
        view.getUint32(at + 28, true),
      ],
      iidr: view.getUint32(at + 32, true),
      aidr: view.getUint32(at + 36, true),
    };
  },
  (view, at, value) => {
    const { flags, __reserved, idr, iidr, aidr } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!Array.isArray(idr) || idr.length !== 6) return false;
    const idr_0 = idr[0],
      idr_1 = idr[1],
      idr_2 = idr[2],
      idr_3 = idr[3],
      idr_4 = idr[4],
      idr_5 = idr[5];
    if (
      typeof idr_0 !== 'number' ||
      idr_0 >>> 0 !== idr_0 ||
      typeof idr_1 !== 'number' ||
      idr_1 >>> 0 !== idr_1 ||
      typeof idr_2 !== 'number' ||
      idr_2 >>> 0 !== idr_2 ||
      typeof idr_3 !== 'number' ||
      idr_3 >>> 0 !== idr_3 ||
      typeof idr_4 !== 'number' ||
      idr_4 >>> 0 !== idr_4 ||
      typeof idr_5 !== 'number' ||
      idr_5 >>> 0 !== idr_5
    )
      return false;
    if (typeof iidr !== 'number' || iidr >>> 0 !== iidr) return false;
    if (typeof aidr !== 'number' || aidr >>> 0 !== aidr) return false;
    if (!hasOnly(value, 4 + (__reserved === undefined ? 0 : 1))) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, 0, true);
    view.setUint32(at + 8, idr_0, true);
    view.setUint32(at + 12, idr_1, true);
    view.setUint32(at + 16, idr_2, true);
    view.setUint32(at + 20, idr_3, true);
    view.setUint32(at + 24, idr_4, true);
    view.setUint32(at + 28, idr_5, true);
    view.setUint32(at + 32, iidr, true);
    view.setUint32(at + 36, aidr, true);
    return true;
  },
);

compiled(
  iommu_hwpt_arm_smmuv3,
  (view, at) => {
    return {
      ste: [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)],
    };
  },
  (view, at, value) => {
    const { ste } = value;
    if (!Array.isArray(ste) || ste.length !== 2) return false;
    const ste_0 = ste[0],
      ste_1 = ste[1];
    if (!isU64(ste_0) || !isU64(ste_1)) return false;
    if (!hasOnly(value, 1)) return false;
    view.setBigUint64(at, ste_0, true);
    view.setBigUint64(at + 8, ste_1, true);
    return true;
  },
);

compiled(
  iommu_vevent_arm_smmuv3,
  (view, at) => {
    return {
      evt: [
        view.getBigUint64(at, true),
        view.getBigUint64(at + 8, true),
        view.getBigUint64(at + 16, true),
        view.getBigUint64(at + 24, true),
      ],
    };
  },
  (view, at, value) => {
    const { evt } = value;
    if (!Array.isArray(evt) || evt.length !== 4) return false;
    const evt_0 = evt[0],
      evt_1 = evt[1],
      evt_2 = evt[2],
      evt_3 = evt[3];
    if (!isU64(evt_0) || !isU64(evt_1) || !isU64(evt_2) || !isU64(evt_3)) return false;
    if (!hasOnly(value, 1)) return false;
    view.setBigUint64(at, evt_0, true);
    view.setBigUint64(at + 8, evt_1, true);
    view.setBigUint64(at + 16, evt_2, true);
    view.setBigUint64(at + 24, evt_3, true);
    return true;
  },
);

compiled(
  iommu_viommu_arm_smmuv3_invalidate,
  (view, at) => {
    return {
      cmd: [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)],
    };
  },
  (view, at, value) => {
    const { cmd } = value;
    if (!Array.isArray(cmd) || cmd.length !== 2) return false;
    const cmd_0 = cmd[0],
      cmd_1 = cmd[1];
    if (!isU64(cmd_0) || !isU64(cmd_1)) return false;
    if (!hasOnly(value, 1)) return false;
    view.setBigUint64(at, cmd_0, true);
    view.setBigUint64(at + 8, cmd_1, true);
    return true;
  },
);

compiled(
  smmuv3_cd,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    const w2 = view.getUint32(at + 8, true);
    const w3 = view.getUint32(at + 12, true);
    const w4 = view.getUint32(at + 16, true);
    const w5 = view.getUint32(at + 20, true);
    const w6 = view.getUint32(at + 24, true);
    const w7 = view.getUint32(at + 28, true);
    const w8 = view.getUint32(at + 32, true);
    const w9 = view.getUint32(at + 36, true);
    const w10 = view.getUint32(at + 40, true);
    const w11 = view.getUint32(at + 44, true);
    const w12 = view.getUint32(at + 48, true);
    const w13 = view.getUint32(at + 52, true);
    const w14 = view.getUint32(at + 56, true);
    const w15 = view.getUint32(at + 60, true);
    if (
      ((w3 & 0x3000000) | (w5 & 0x3000000) | (w11 & 0xff000000) | (w13 & 0xffff0000) | (w15 & 0xffff0000)) !==
      0
    )
      return undefined;
    return {
      T0SZ: w0 & 0x3f,
      TG0: (w0 >>> 6) & 0x3,
      IR0: (w0 >>> 8) & 0x3,
      OR0: (w0 >>> 10) & 0x3,
      SH0: (w0 >>> 12) & 0x3,
      EPD0: (w0 >>> 14) & 0x1,
      ENDI: (w0 >>> 15) & 0x1,
      T1SZ: (w0 >>> 16) & 0x3f,
      TG1: (w0 >>> 22) & 0x3,
      IR1: (w0 >>> 24) & 0x3,
      OR1: (w0 >>> 26) & 0x3,
      SH1: (w0 >>> 28) & 0x3,
      EPD1: (w0 >>> 30) & 0x1,
      V: w0 >>> 31,
      IPS: w1 & 0x7,
      AFFD: (w1 >>> 3) & 0x1,
      WXN: (w1 >>> 4) & 0x1,
      UWXN: (w1 >>> 5) & 0x1,
      TBI0: (w1 >>> 6) & 0x1,
      TBI1: (w1 >>> 7) & 0x1,
      PAN: (w1 >>> 8) & 0x1,
      AA64: (w1 >>> 9) & 0x1,
      HD: (w1 >>> 10) & 0x1,
      HA: (w1 >>> 11) & 0x1,
      S: (w1 >>> 12) & 0x1,
      R: (w1 >>> 13) & 0x1,
      A: (w1 >>> 14) & 0x1,
      ASET: (w1 >>> 15) & 0x1,
      ASID: w1 >>> 16,
      NSCFG0: w2 & 0x1,
      HAD0: (w2 >>> 1) & 0x1,
      E0PD0: (w2 >>> 2) & 0x1,
      HAFT: (w2 >>> 3) & 0x1,
      TTB0: wide(w2 & 0xfffffff0, w3 & 0xffffff),
      PnCH: (w3 >>> 26) & 0x1,
      EPAN: (w3 >>> 27) & 0x1,
      HWU059: (w3 >>> 28) & 0x1,
      HWU060: (w3 >>> 29) & 0x1,
      HWU061: (w3 >>> 30) & 0x1,
      HWU062: w3 >>> 31,
      NSCFG1: w4 & 0x1,
      HAD1: (w4 >>> 1) & 0x1,
      E0PD1: (w4 >>> 2) & 0x1,
      AIE: (w4 >>> 3) & 0x1,
      TTB1: wide(w4 & 0xfffffff0, w5 & 0xffffff),
      DS: (w5 >>> 26) & 0x1,
      PIE: (w5 >>> 27) & 0x1,
      HWU159: (w5 >>> 28) & 0x1,
      HWU160: (w5 >>> 29) & 0x1,
      HWU161: (w5 >>> 30) & 0x1,
      HWU162: w5 >>> 31,
      MAIR0: w6,
      MAIR1: w7,
      AMAIR0: w8,
      AMAIR1: w9,
      IMPLEMENTATION_DEFINED_351_320: w10,
      PARTID: w11 & 0xffff,
      PMG: (w11 >>> 16) & 0xff,
      PIIU0: w12 & 0x7,
      PIIU1: (w12 >>> 3) & 0x7,
      PIIU2: (w12 >>> 6) & 0x7,
      PIIU3: (w12 >>> 9) & 0x7,
      PIIU4: (w12 >>> 12) & 0x7,
      PIIU5: (w12 >>> 15) & 0x7,
      PIIU6: (w12 >>> 18) & 0x7,
      PIIU7: (w12 >>> 21) & 0x7,
      PIIU8: (w12 >>> 24) & 0x7,
      PIIU9: (w12 >>> 27) & 0x7,
      PIIU10: ((w12 >>> 30) | ((w13 & 0x1) << 2)) >>> 0,
      PIIU11: (w13 >>> 1) & 0x7,
      PIIU12: (w13 >>> 4) & 0x7,
      PIIU13: (w13 >>> 7) & 0x7,
      PIIU14: (w13 >>> 10) & 0x7,
      PIIU15: (w13 >>> 13) & 0x7,
      PIIP0: w14 & 0x7,
      PIIP1: (w14 >>> 3) & 0x7,
      PIIP2: (w14 >>> 6) & 0x7,
      PIIP3: (w14 >>> 9) & 0x7,
      PIIP4: (w14 >>> 12) & 0x7,
      PIIP5: (w14 >>> 15) & 0x7,
      PIIP6: (w14 >>> 18) & 0x7,
      PIIP7: (w14 >>> 21) & 0x7,
      PIIP8: (w14 >>> 24) & 0x7,
      PIIP9: (w14 >>> 27) & 0x7,
      PIIP10: ((w14 >>> 30) | ((w15 & 0x1) << 2)) >>> 0,
      PIIP11: (w15 >>> 1) & 0x7,
      PIIP12: (w15 >>> 4) & 0x7,
      PIIP13: (w15 >>> 7) & 0x7,
      PIIP14: (w15 >>> 10) & 0x7,
      PIIP15: (w15 >>> 13) & 0x7,
    };
  },
  (view, at, value) => {
    const {
      T0SZ,
      TG0,
      IR0,
      OR0,
      SH0,
      EPD0,
      ENDI,
      T1SZ,
      TG1,
      IR1,
      OR1,
      SH1,
      EPD1,
      V,
      IPS,
      AFFD,
      WXN,
      UWXN,
      TBI0,
      TBI1,
      PAN,
      AA64,
      HD,
      HA,
      S,
      R,
      A,
      ASET,
      ASID,
      NSCFG0,
      HAD0,
      E0PD0,
      HAFT,
      TTB0,
      PnCH,
      EPAN,
      HWU059,
      HWU060,
      HWU061,
      HWU062,
      NSCFG1,
      HAD1,
      E0PD1,
      AIE,
      TTB1,
      DS,
      PIE,
      HWU159,
      HWU160,
      HWU161,
      HWU162,
      MAIR0,
      MAIR1,
      AMAIR0,
      AMAIR1,
      IMPLEMENTATION_DEFINED_351_320,
      PARTID,
      PMG,
      PIIU0,
      PIIU1,
      PIIU2,
      PIIU3,
      PIIU4,
      PIIU5,
      PIIU6,
      PIIU7,
      PIIU8,
      PIIU9,
      PIIU10,
      PIIU11,
      PIIU12,
      PIIU13,
      PIIU14,
      PIIU15,
      PIIP0,
      PIIP1,
      PIIP2,
      PIIP3,
      PIIP4,
      PIIP5,
      PIIP6,
      PIIP7,
      PIIP8,
      PIIP9,
      PIIP10,
      PIIP11,
      PIIP12,
      PIIP13,
      PIIP14,
      PIIP15,
    } = value;
    if (typeof T0SZ !== 'number' || (T0SZ & 0x3f) !== T0SZ) return false;
    if (typeof TG0 !== 'number' || (TG0 & 0x3) !== TG0) return false;
    if (typeof IR0 !== 'number' || (IR0 & 0x3) !== IR0) return false;
    if (typeof OR0 !== 'number' || (OR0 & 0x3) !== OR0) return false;
    if (typeof SH0 !== 'number' || (SH0 & 0x3) !== SH0) return false;
    if (typeof EPD0 !== 'number' || (EPD0 & 0x1) !== EPD0) return false;
    if (typeof ENDI !== 'number' || (ENDI & 0x1) !== ENDI) return false;
    if (typeof T1SZ !== 'number' || (T1SZ & 0x3f) !== T1SZ) return false;
    if (typeof TG1 !== 'number' || (TG1 & 0x3) !== TG1) return false;
    if (typeof IR1 !== 'number' || (IR1 & 0x3) !== IR1) return false;
    if (typeof OR1 !== 'number' || (OR1 & 0x3) !== OR1) return false;
    if (typeof SH1 !== 'number' || (SH1 & 0x3) !== SH1) return false;
    if (typeof EPD1 !== 'number' || (EPD1 & 0x1) !== EPD1) return false;
    if (typeof V !== 'number' || (V & 0x1) !== V) return false;
    if (typeof IPS !== 'number' || (IPS & 0x7) !== IPS) return false;
    if (typeof AFFD !== 'number' || (AFFD & 0x1) !== AFFD) return false;
    if (typeof WXN !== 'number' || (WXN & 0x1) !== WXN) return false;
    if (typeof UWXN !== 'number' || (UWXN & 0x1) !== UWXN) return false;
    if (typeof TBI0 !== 'number' || (TBI0 & 0x1) !== TBI0) return false;
    if (typeof TBI1 !== 'number' || (TBI1 & 0x1) !== TBI1) return false;
    if (typeof PAN !== 'number' || (PAN & 0x1) !== PAN) return false;
    if (typeof AA64 !== 'number' || (AA64 & 0x1) !== AA64) return false;
    if (typeof HD !== 'number' || (HD & 0x1) !== HD) return false;
    if (typeof HA !== 'number' || (HA & 0x1) !== HA) return false;
    if (typeof S !== 'number' || (S & 0x1) !== S) return false;
    if (typeof R !== 'number' || (R & 0x1) !== R) return false;
    if (typeof A !== 'number' || (A & 0x1) !== A) return false;
    if (typeof ASET !== 'number' || (ASET & 0x1) !== ASET) return false;
    if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
    if (typeof NSCFG0 !== 'number' || (NSCFG0 & 0x1) !== NSCFG0) return false;
    if (typeof HAD0 !== 'number' || (HAD0 & 0x1) !== HAD0) return false;
    if (typeof E0PD0 !== 'number' || (E0PD0 & 0x1) !== E0PD0) return false;
    if (typeof HAFT !== 'number' || (HAFT & 0x1) !== HAFT) return false;
    if (!isWithin(TTB0, 0xfffffff0, 0xffffff)) return false;
    const TTB0_lo = lowHalf(),
      TTB0_hi = highHalf();
    if (typeof PnCH !== 'number' || (PnCH & 0x1) !== PnCH) return false;
    if (typeof EPAN !== 'number' || (EPAN & 0x1) !== EPAN) return false;
    if (typeof HWU059 !== 'number' || (HWU059 & 0x1) !== HWU059) return false;
    if (typeof HWU060 !== 'number' || (HWU060 & 0x1) !== HWU060) return false;
    if (typeof HWU061 !== 'number' || (HWU061 & 0x1) !== HWU061) return false;
    if (typeof HWU062 !== 'number' || (HWU062 & 0x1) !== HWU062) return false;
    if (typeof NSCFG1 !== 'number' || (NSCFG1 & 0x1) !== NSCFG1) return false;
    if (typeof HAD1 !== 'number' || (HAD1 & 0x1) !== HAD1) return false;
    if (typeof E0PD1 !== 'number' || (E0PD1 & 0x1) !== E0PD1) return false;
    if (typeof AIE !== 'number' || (AIE & 0x1) !== AIE) return false;
    if (!isWithin(TTB1, 0xfffffff0, 0xffffff)) return false;
    const TTB1_lo = lowHalf(),
      TTB1_hi = highHalf();
    if (typeof DS !== 'number' || (DS & 0x1) !== DS) return false;
    if (typeof PIE !== 'number' || (PIE & 0x1) !== PIE) return false;
    if (typeof HWU159 !== 'number' || (HWU159 & 0x1) !== HWU159) return false;
    if (typeof HWU160 !== 'number' || (HWU160 & 0x1) !== HWU160) return false;
    if (typeof HWU161 !== 'number' || (HWU161 & 0x1) !== HWU161) return false;
    if (typeof HWU162 !== 'number' || (HWU162 & 0x1) !== HWU162) return false;
    if (typeof MAIR0 !== 'number' || MAIR0 >>> 0 !== MAIR0) return false;
    if (typeof MAIR1 !== 'number' || MAIR1 >>> 0 !== MAIR1) return false;
    if (typeof AMAIR0 !== 'number' || AMAIR0 >>> 0 !== AMAIR0) return false;
    if (typeof AMAIR1 !== 'number' || AMAIR1 >>> 0 !== AMAIR1) return false;
    if (
      typeof IMPLEMENTATION_DEFINED_351_320 !== 'number' ||
      IMPLEMENTATION_DEFINED_351_320 >>> 0 !== IMPLEMENTATION_DEFINED_351_320
    )
      return false;
    if (typeof PARTID !== 'number' || (PARTID & 0xffff) !== PARTID) return false;
    if (typeof PMG !== 'number' || (PMG & 0xff) !== PMG) return false;
    if (typeof PIIU0 !== 'number' || (PIIU0 & 0x7) !== PIIU0) return false;
    if (typeof PIIU1 !== 'number' || (PIIU1 & 0x7) !== PIIU1) return false;
    if (typeof PIIU2 !== 'number' || (PIIU2 & 0x7) !== PIIU2) return false;
    if (typeof PIIU3 !== 'number' || (PIIU3 & 0x7) !== PIIU3) return false;
    if (typeof PIIU4 !== 'number' || (PIIU4 & 0x7) !== PIIU4) return false;
    if (typeof PIIU5 !== 'number' || (PIIU5 & 0x7) !== PIIU5) return false;
    if (typeof PIIU6 !== 'number' || (PIIU6 & 0x7) !== PIIU6) return false;
    if (typeof PIIU7 !== 'number' || (PIIU7 & 0x7) !== PIIU7) return false;
    if (typeof PIIU8 !== 'number' || (PIIU8 & 0x7) !== PIIU8) return false;
    if (typeof PIIU9 !== 'number' || (PIIU9 & 0x7) !== PIIU9) return false;
    if (typeof PIIU10 !== 'number' || (PIIU10 & 0x7) !== PIIU10) return false;
    if (typeof PIIU11 !== 'number' || (PIIU11 & 0x7) !== PIIU11) return false;
    if (typeof PIIU12 !== 'number' || (PIIU12 & 0x7) !== PIIU12) return false;
    if (typeof PIIU13 !== 'number' || (PIIU13 & 0x7) !== PIIU13) return false;
    if (typeof PIIU14 !== 'number' || (PIIU14 & 0x7) !== PIIU14) return false;
    if (typeof PIIU15 !== 'number' || (PIIU15 & 0x7) !== PIIU15) return false;
    if (typeof PIIP0 !== 'number' || (PIIP0 & 0x7) !== PIIP0) return false;
    if (typeof PIIP1 !== 'number' || (PIIP1 & 0x7) !== PIIP1) return false;
    if (typeof PIIP2 !== 'number' || (PIIP2 & 0x7) !== PIIP2) return false;
    if (typeof PIIP3 !== 'number' || (PIIP3 & 0x7) !== PIIP3) return false;
    if (typeof PIIP4 !== 'number' || (PIIP4 & 0x7) !== PIIP4) return false;
    if (typeof PIIP5 !== 'number' || (PIIP5 & 0x7) !== PIIP5) return false;
    if (typeof PIIP6 !== 'number' || (PIIP6 & 0x7) !== PIIP6) return false;
    if (typeof PIIP7 !== 'number' || (PIIP7 & 0x7) !== PIIP7) return false;
    if (typeof PIIP8 !== 'number' || (PIIP8 & 0x7) !== PIIP8) return false;
    if (typeof PIIP9 !== 'number' || (PIIP9 & 0x7) !== PIIP9) return false;
    if (typeof PIIP10 !== 'number' || (PIIP10 & 0x7) !== PIIP10) return false;
    if (typeof PIIP11 !== 'number' || (PIIP11 & 0x7) !== PIIP11) return false;
    if (typeof PIIP12 !== 'number' || (PIIP12 & 0x7) !== PIIP12) return false;
    if (typeof PIIP13 !== 'number' || (PIIP13 & 0x7) !== PIIP13) return false;
    if (typeof PIIP14 !== 'number' || (PIIP14 & 0x7) !== PIIP14) return false;
    if (typeof PIIP15 !== 'number' || (PIIP15 & 0x7) !== PIIP15) return false;
    if (!hasOnly(value, 90)) return false;
    view.setUint32(
      at,
      T0SZ |
        (TG0 << 6) |
        (IR0 << 8) |
        (OR0 << 10) |
        (SH0 << 12) |
        (EPD0 << 14) |
        (ENDI << 15) |
        (T1SZ << 16) |
        (TG1 << 22) |
        (IR1 << 24) |
        (OR1 << 26) |
        (SH1 << 28) |
        (EPD1 << 30) |
        (V << 31),
      true,
    );
    view.setUint32(
      at + 4,
      IPS |
        (AFFD << 3) |
        (WXN << 4) |
        (UWXN << 5) |
        (TBI0 << 6) |
        (TBI1 << 7) |
        (PAN << 8) |
        (AA64 << 9) |
        (HD << 10) |
        (HA << 11) |
        (S << 12) |
        (R << 13) |
        (A << 14) |
        (ASET << 15) |
        (ASID << 16),
      true,
    );
    view.setUint32(at + 8, NSCFG0 | (HAD0 << 1) | (E0PD0 << 2) | (HAFT << 3) | TTB0_lo, true);
    view.setUint32(
      at + 12,
      TTB0_hi |
        (PnCH << 26) |
        (EPAN << 27) |
        (HWU059 << 28) |
        (HWU060 << 29) |
        (HWU061 << 30) |
        (HWU062 << 31),
      true,
    );
    view.setUint32(at + 16, NSCFG1 | (HAD1 << 1) | (E0PD1 << 2) | (AIE << 3) | TTB1_lo, true);
    view.setUint32(
      at + 20,
      TTB1_hi | (DS << 26) | (PIE << 27) | (HWU159 << 28) | (HWU160 << 29) | (HWU161 << 30) | (HWU162 << 31),
      true,
    );
    view.setUint32(at + 24, MAIR0, true);
    view.setUint32(at + 28, MAIR1, true);
    view.setUint32(at + 32, AMAIR0, true);
    view.setUint32(at + 36, AMAIR1, true);
    view.setUint32(at + 40, IMPLEMENTATION_DEFINED_351_320, true);
    view.setUint32(at + 44, PARTID | (PMG << 16), true);
    view.setUint32(
      at + 48,
      PIIU0 |
        (PIIU1 << 3) |
        (PIIU2 << 6) |
        (PIIU3 << 9) |
        (PIIU4 << 12) |
        (PIIU5 << 15) |
        (PIIU6 << 18) |
        (PIIU7 << 21) |
        (PIIU8 << 24) |
        (PIIU9 << 27) |
        (PIIU10 << 30),
      true,
    );
    view.setUint32(
      at + 52,
      (PIIU10 >>> 2) | (PIIU11 << 1) | (PIIU12 << 4) | (PIIU13 << 7) | (PIIU14 << 10) | (PIIU15 << 13),
      true,
    );
    view.setUint32(
      at + 56,
      PIIP0 |
        (PIIP1 << 3) |
        (PIIP2 << 6) |
        (PIIP3 << 9) |
        (PIIP4 << 12) |
        (PIIP5 << 15) |
        (PIIP6 << 18) |
        (PIIP7 << 21) |
        (PIIP8 << 24) |
        (PIIP9 << 27) |
        (PIIP10 << 30),
      true,
    );
    view.setUint32(
      at + 60,
      (PIIP10 >>> 2) | (PIIP11 << 1) | (PIIP12 << 4) | (PIIP13 << 7) | (PIIP14 << 10) | (PIIP15 << 13),
      true,
    );
    return true;
  },
);

function read_CMD_PREFETCH_CONFIG(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 1 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x1) & 0x3ff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 1,
    SSec: (w0 >>> 10) & 0x1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
  };
}

function write_CMD_PREFETCH_CONFIG(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 1 }>,
): boolean {
  const { Opcode, SSec, SSV, SubstreamID, StreamID } = value;
  if (Opcode !== 1) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (!hasOnly(value, 5)) return false;
  view.setUint32(at, 0x1 | (SSec << 10) | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_PREFETCH_ADDR(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 2 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x2) & 0x3ff) | (w2 & 0x400)) !== 0) return undefined;
  return {
    Opcode: 2,
    SSec: (w0 >>> 10) & 0x1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
    Size: w2 & 0x1f,
    Stride: (w2 >>> 5) & 0x1f,
    NS: (w2 >>> 11) & 0x1,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_PREFETCH_ADDR(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 2 }>,
): boolean {
  const { Opcode, SSec, SSV, SubstreamID, StreamID, Size, Stride, NS, Address } = value;
  if (Opcode !== 2) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Size !== 'number' || (Size & 0x1f) !== Size) return false;
  if (typeof Stride !== 'number' || (Stride & 0x1f) !== Stride) return false;
  if (typeof NS !== 'number' || (NS & 0x1) !== NS) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 9)) return false;
  view.setUint32(at, 0x2 | (SSec << 10) | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Size | (Stride << 5) | (NS << 11) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_CFGI_STE(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 3 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x3) & 0xfffffbff) | (w2 & 0xfffffffe) | w3) !== 0) return undefined;
  return {
    Opcode: 3,
    SSec: (w0 >>> 10) & 0x1,
    StreamID: w1,
    Leaf: w2 & 0x1,
  };
}

function write_CMD_CFGI_STE(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 3 }>,
): boolean {
  const { Opcode, SSec, StreamID, Leaf } = value;
  if (Opcode !== 3) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (!hasOnly(value, 4)) return false;
  view.setUint32(at, 0x3 | (SSec << 10), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Leaf, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_CFGI_STE_RANGE(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 4 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x4) & 0xfffffbff) | (w2 & 0xffffffe0) | w3) !== 0) return undefined;
  return {
    Opcode: 4,
    SSec: (w0 >>> 10) & 0x1,
    StreamID: w1,
    Range: w2 & 0x1f,
  };
}

function write_CMD_CFGI_STE_RANGE(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 4 }>,
): boolean {
  const { Opcode, SSec, StreamID, Range } = value;
  if (Opcode !== 4) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Range !== 'number' || (Range & 0x1f) !== Range) return false;
  if (!hasOnly(value, 4)) return false;
  view.setUint32(at, 0x4 | (SSec << 10), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Range, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_CFGI_CD(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 5 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x5) & 0xbff) | (w2 & 0xfffffffe) | w3) !== 0) return undefined;
  return {
    Opcode: 5,
    SSec: (w0 >>> 10) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
    Leaf: w2 & 0x1,
  };
}

function write_CMD_CFGI_CD(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 5 }>,
): boolean {
  const { Opcode, SSec, SubstreamID, StreamID, Leaf } = value;
  if (Opcode !== 5) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (!hasOnly(value, 5)) return false;
  view.setUint32(at, 0x5 | (SSec << 10) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Leaf, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_CFGI_CD_ALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 6 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x6) & 0xfffffbff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 6,
    SSec: (w0 >>> 10) & 0x1,
    StreamID: w1,
  };
}

function write_CMD_CFGI_CD_ALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 6 }>,
): boolean {
  const { Opcode, SSec, StreamID } = value;
  if (Opcode !== 6) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (!hasOnly(value, 3)) return false;
  view.setUint32(at, 0x6 | (SSec << 10), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_CFGI_VMS_PIDM(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 7 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x7) & 0xfffffbff) | (w1 & 0xffff0000) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 7,
    SSec: (w0 >>> 10) & 0x1,
    VMID: w1 & 0xffff,
  };
}

function write_CMD_CFGI_VMS_PIDM(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 7 }>,
): boolean {
  const { Opcode, SSec, VMID } = value;
  if (Opcode !== 7) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!hasOnly(value, 3)) return false;
  view.setUint32(at, 0x7 | (SSec << 10), true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_NH_ALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 16 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x10) | (w1 & 0xffff0000) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 16,
    VMID: w1 & 0xffff,
  };
}

function write_CMD_TLBI_NH_ALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 16 }>,
): boolean {
  const { Opcode, VMID } = value;
  if (Opcode !== 16) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!hasOnly(value, 2)) return false;
  view.setUint32(at, 0x10, true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_NH_ASID(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 17 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x11) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 17,
    VMID: w1 & 0xffff,
    ASID: w1 >>> 16,
  };
}

function write_CMD_TLBI_NH_ASID(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 17 }>,
): boolean {
  const { Opcode, VMID, ASID } = value;
  if (Opcode !== 17) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!hasOnly(value, 3)) return false;
  view.setUint32(at, 0x11, true);
  view.setUint32(at + 4, VMID | (ASID << 16), true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_NH_VA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 18 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x12) & 0xfc0e0fff) | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 18,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    VMID: w1 & 0xffff,
    ASID: w1 >>> 16,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_NH_VA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 18 }>,
): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, VMID, ASID, Address } = value;
  if (Opcode !== 18) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 10)) return false;
  view.setUint32(at, 0x12 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, VMID | (ASID << 16), true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_TLBI_NH_VAA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 19 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x13) & 0xfc0e0fff) | (w1 & 0xffff0000) | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 19,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    VMID: w1 & 0xffff,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_NH_VAA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 19 }>,
): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, VMID, Address } = value;
  if (Opcode !== 19) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 9)) return false;
  view.setUint32(at, 0x13 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_TLBI_EL3_ALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 24 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x18) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 24,
  };
}

function write_CMD_TLBI_EL3_ALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 24 }>,
): boolean {
  const { Opcode } = value;
  if (Opcode !== 24) return false;
  if (!hasOnly(value, 1)) return false;
  view.setUint32(at, 0x18, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_EL3_VA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 26 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x1a) & 0xfc0e0fff) | w1 | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 26,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_EL3_VA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 26 }>,
): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, Address } = value;
  if (Opcode !== 26) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 8)) return false;
  view.setUint32(at, 0x1a | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_TLBI_EL2_ALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 32 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x20) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 32,
  };
}

function write_CMD_TLBI_EL2_ALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 32 }>,
): boolean {
  const { Opcode } = value;
  if (Opcode !== 32) return false;
  if (!hasOnly(value, 1)) return false;
  view.setUint32(at, 0x20, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_EL2_ASID(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 33 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x21) | (w1 & 0xffff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 33,
    ASID: w1 >>> 16,
  };
}

function write_CMD_TLBI_EL2_ASID(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 33 }>,
): boolean {
  const { Opcode, ASID } = value;
  if (Opcode !== 33) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!hasOnly(value, 2)) return false;
  view.setUint32(at, 0x21, true);
  view.setUint32(at + 4, ASID << 16, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_EL2_VA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 34 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x22) & 0xfc0e0fff) | (w1 & 0xffff) | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 34,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    ASID: w1 >>> 16,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_EL2_VA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 34 }>,
): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, ASID, Address } = value;
  if (Opcode !== 34) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 9)) return false;
  view.setUint32(at, 0x22 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, ASID << 16, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_TLBI_EL2_VAA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 35 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x23) & 0xfc0e0fff) | w1 | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 35,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_EL2_VAA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 35 }>,
): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, Address } = value;
  if (Opcode !== 35) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 8)) return false;
  view.setUint32(at, 0x23 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_TLBI_S12_VMALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 40 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x28) | (w1 & 0xffff0000) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 40,
    VMID: w1 & 0xffff,
  };
}

function write_CMD_TLBI_S12_VMALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 40 }>,
): boolean {
  const { Opcode, VMID } = value;
  if (Opcode !== 40) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!hasOnly(value, 2)) return false;
  view.setUint32(at, 0x28, true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_S2_IPA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 42 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x2a) & 0xfc0e0fff) | (w1 & 0xffff0000) | (w2 & 0x7e) | (w3 & 0xff000000)) !== 0)
    return undefined;
  return {
    Opcode: 42,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    VMID: w1 & 0xffff,
    Address: wide(w2 & 0xfffff000, w3 & 0xffffff),
  };
}

function write_CMD_TLBI_S2_IPA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 42 }>,
): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, VMID, Address } = value;
  if (Opcode !== 42) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 9)) return false;
  view.setUint32(at, 0x2a | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_TLBI_NSNH_ALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 48 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x30) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 48,
  };
}

function write_CMD_TLBI_NSNH_ALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 48 }>,
): boolean {
  const { Opcode } = value;
  if (Opcode !== 48) return false;
  if (!hasOnly(value, 1)) return false;
  view.setUint32(at, 0x30, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_ATC_INV(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 64 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x40) & 0x5ff) | (w2 & 0xfc0)) !== 0) return undefined;
  return {
    Opcode: 64,
    Global: (w0 >>> 9) & 0x1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
    Size: w2 & 0x3f,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_ATC_INV(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 64 }>,
): boolean {
  const { Opcode, Global, SSV, SubstreamID, StreamID, Size, Address } = value;
  if (Opcode !== 64) return false;
  if (typeof Global !== 'number' || (Global & 0x1) !== Global) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Size !== 'number' || (Size & 0x3f) !== Size) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 7)) return false;
  view.setUint32(at, 0x40 | (Global << 9) | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Size | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_PRI_RESP(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 65 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x41) & 0x7ff) | (w2 & 0xffffce00) | w3) !== 0) return undefined;
  return {
    Opcode: 65,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
    PRGIndex: w2 & 0x1ff,
    Resp: (w2 >>> 12) & 0x3,
  };
}

function write_CMD_PRI_RESP(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 65 }>,
): boolean {
  const { Opcode, SSV, SubstreamID, StreamID, PRGIndex, Resp } = value;
  if (Opcode !== 65) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof PRGIndex !== 'number' || (PRGIndex & 0x1ff) !== PRGIndex) return false;
  if (typeof Resp !== 'number' || (Resp & 0x3) !== Resp) return false;
  if (!hasOnly(value, 6)) return false;
  view.setUint32(at, 0x41 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, PRGIndex | (Resp << 12), true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_RESUME(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 68 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x44) & 0xffffcbff) | (w2 & 0xffff0000) | w3) !== 0) return undefined;
  return {
    Opcode: 68,
    SSec: (w0 >>> 10) & 0x1,
    Action: (w0 >>> 12) & 0x1,
    Abort: (w0 >>> 13) & 0x1,
    StreamID: w1,
    STAG: w2 & 0xffff,
  };
}

function write_CMD_RESUME(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 68 }>,
): boolean {
  const { Opcode, SSec, Action, Abort, StreamID, STAG } = value;
  if (Opcode !== 68) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof Action !== 'number' || (Action & 0x1) !== Action) return false;
  if (typeof Abort !== 'number' || (Abort & 0x1) !== Abort) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (!hasOnly(value, 6)) return false;
  view.setUint32(at, 0x44 | (SSec << 10) | (Action << 12) | (Abort << 13), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_STALL_TERM(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 69 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x45) & 0xfffffbff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 69,
    SSec: (w0 >>> 10) & 0x1,
    StreamID: w1,
  };
}

function write_CMD_STALL_TERM(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 69 }>,
): boolean {
  const { Opcode, SSec, StreamID } = value;
  if (Opcode !== 69) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (!hasOnly(value, 3)) return false;
  view.setUint32(at, 0x45 | (SSec << 10), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_SYNC(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 70 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x46) & 0xf03fcfff) | (w2 & 0x3) | (w3 & 0x7f000000)) !== 0) return undefined;
  return {
    Opcode: 70,
    CS: (w0 >>> 12) & 0x3,
    MSH: (w0 >>> 22) & 0x3,
    MSIAttr: (w0 >>> 24) & 0xf,
    MSIData: w1,
    MSIAddress: wide(w2 & 0xfffffffc, w3 & 0xffffff),
    MSI_NS: w3 >>> 31,
  };
}

function write_CMD_SYNC(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 70 }>,
): boolean {
  const { Opcode, CS, MSH, MSIAttr, MSIData, MSIAddress, MSI_NS } = value;
  if (Opcode !== 70) return false;
  if (typeof CS !== 'number' || (CS & 0x3) !== CS) return false;
  if (typeof MSH !== 'number' || (MSH & 0x3) !== MSH) return false;
  if (typeof MSIAttr !== 'number' || (MSIAttr & 0xf) !== MSIAttr) return false;
  if (typeof MSIData !== 'number' || MSIData >>> 0 !== MSIData) return false;
  if (!isWithin(MSIAddress, 0xfffffffc, 0xffffff)) return false;
  const MSIAddress_lo = lowHalf(),
    MSIAddress_hi = highHalf();
  if (typeof MSI_NS !== 'number' || (MSI_NS & 0x1) !== MSI_NS) return false;
  if (!hasOnly(value, 7)) return false;
  view.setUint32(at, 0x46 | (CS << 12) | (MSH << 22) | (MSIAttr << 24), true);
  view.setUint32(at + 4, MSIData, true);
  view.setUint32(at + 8, MSIAddress_lo, true);
  view.setUint32(at + 12, MSIAddress_hi | (MSI_NS << 31), true);
  return true;
}

function read_CMD_TLBI_S_EL2_ALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 80 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x50) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 80,
  };
}

function write_CMD_TLBI_S_EL2_ALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 80 }>,
): boolean {
  const { Opcode } = value;
  if (Opcode !== 80) return false;
  if (!hasOnly(value, 1)) return false;
  view.setUint32(at, 0x50, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_S_EL2_ASID(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 81 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x51) | (w1 & 0xffff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 81,
    ASID: w1 >>> 16,
  };
}

function write_CMD_TLBI_S_EL2_ASID(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 81 }>,
): boolean {
  const { Opcode, ASID } = value;
  if (Opcode !== 81) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!hasOnly(value, 2)) return false;
  view.setUint32(at, 0x51, true);
  view.setUint32(at + 4, ASID << 16, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_S_EL2_VA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 82 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x52) & 0xfc0e0fff) | (w1 & 0xffff) | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 82,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    ASID: w1 >>> 16,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_S_EL2_VA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 82 }>,
): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, ASID, Address } = value;
  if (Opcode !== 82) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 9)) return false;
  view.setUint32(at, 0x52 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, ASID << 16, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_TLBI_S_EL2_VAA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 83 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x53) & 0xfc0e0fff) | w1 | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 83,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_S_EL2_VAA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 83 }>,
): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, Address } = value;
  if (Opcode !== 83) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 8)) return false;
  view.setUint32(at, 0x53 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_TLBI_S_S12_VMALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 88 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x58) | (w1 & 0xffff0000) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 88,
    VMID: w1 & 0xffff,
  };
}

function write_CMD_TLBI_S_S12_VMALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 88 }>,
): boolean {
  const { Opcode, VMID } = value;
  if (Opcode !== 88) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!hasOnly(value, 2)) return false;
  view.setUint32(at, 0x58, true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_TLBI_S_S2_IPA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 90 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x5a) & 0xfc0e0fff) | (w1 & 0xffff0000) | (w2 & 0x7c) | (w3 & 0xff000000)) !== 0)
    return undefined;
  return {
    Opcode: 90,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    VMID: w1 & 0xffff,
    NS: (w2 >>> 1) & 0x1,
    Address: wide(w2 & 0xfffff000, w3 & 0xffffff),
  };
}

function write_CMD_TLBI_S_S2_IPA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 90 }>,
): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, VMID, NS, Address } = value;
  if (Opcode !== 90) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (typeof NS !== 'number' || (NS & 0x1) !== NS) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 10)) return false;
  view.setUint32(at, 0x5a | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | (NS << 1) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

function read_CMD_TLBI_SNH_ALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 96 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x60) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 96,
  };
}

function write_CMD_TLBI_SNH_ALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 96 }>,
): boolean {
  const { Opcode } = value;
  if (Opcode !== 96) return false;
  if (!hasOnly(value, 1)) return false;
  view.setUint32(at, 0x60, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_DPTI_ALL(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 112 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x70) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 112,
  };
}

function write_CMD_DPTI_ALL(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 112 }>,
): boolean {
  const { Opcode } = value;
  if (Opcode !== 112) return false;
  if (!hasOnly(value, 1)) return false;
  view.setUint32(at, 0x70, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

function read_CMD_DPTI_PA(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_command, { Opcode: 115 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x73) | w1 | (w2 & 0xfe) | (w3 & 0xff000000)) !== 0) return undefined;
  return {
    Opcode: 115,
    Leaf: w2 & 0x1,
    SIZE: (w2 >>> 8) & 0xf,
    Address: wide(w2 & 0xfffff000, w3 & 0xffffff),
  };
}

function write_CMD_DPTI_PA(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_command, { Opcode: 115 }>,
): boolean {
  const { Opcode, Leaf, SIZE, Address } = value;
  if (Opcode !== 115) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof SIZE !== 'number' || (SIZE & 0xf) !== SIZE) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, 4)) return false;
  view.setUint32(at, 0x73, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, Leaf | (SIZE << 8) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

compiled(
  smmuv3_command,
  (view, at) => {
    switch (view.getUint8(at)) {
      case 1:
        return read_CMD_PREFETCH_CONFIG(view, at);
      case 2:
        return read_CMD_PREFETCH_ADDR(view, at);
      case 3:
        return read_CMD_CFGI_STE(view, at);
      case 4:
        return read_CMD_CFGI_STE_RANGE(view, at);
      case 5:
        return read_CMD_CFGI_CD(view, at);
      case 6:
        return read_CMD_CFGI_CD_ALL(view, at);
      case 7:
        return read_CMD_CFGI_VMS_PIDM(view, at);
      case 16:
        return read_CMD_TLBI_NH_ALL(view, at);
      case 17:
        return read_CMD_TLBI_NH_ASID(view, at);
      case 18:
        return read_CMD_TLBI_NH_VA(view, at);
      case 19:
        return read_CMD_TLBI_NH_VAA(view, at);
      case 24:
        return read_CMD_TLBI_EL3_ALL(view, at);
      case 26:
        return read_CMD_TLBI_EL3_VA(view, at);
      case 32:
        return read_CMD_TLBI_EL2_ALL(view, at);
      case 33:
        return read_CMD_TLBI_EL2_ASID(view, at);
      case 34:
        return read_CMD_TLBI_EL2_VA(view, at);
      case 35:
        return read_CMD_TLBI_EL2_VAA(view, at);
      case 40:
        return read_CMD_TLBI_S12_VMALL(view, at);
      case 42:
        return read_CMD_TLBI_S2_IPA(view, at);
      case 48:
        return read_CMD_TLBI_NSNH_ALL(view, at);
      case 64:
        return read_CMD_ATC_INV(view, at);
      case 65:
        return read_CMD_PRI_RESP(view, at);
      case 68:
        return read_CMD_RESUME(view, at);
      case 69:
        return read_CMD_STALL_TERM(view, at);
      case 70:
        return read_CMD_SYNC(view, at);
      case 80:
        return read_CMD_TLBI_S_EL2_ALL(view, at);
      case 81:
        return read_CMD_TLBI_S_EL2_ASID(view, at);
      case 82:
        return read_CMD_TLBI_S_EL2_VA(view, at);
      case 83:
        return read_CMD_TLBI_S_EL2_VAA(view, at);
      case 88:
        return read_CMD_TLBI_S_S12_VMALL(view, at);
      case 90:
        return read_CMD_TLBI_S_S2_IPA(view, at);
      case 96:
        return read_CMD_TLBI_SNH_ALL(view, at);
      case 112:
        return read_CMD_DPTI_ALL(view, at);
      case 115:
        return read_CMD_DPTI_PA(view, at);
      default:
        return undefined;
    }
  },
  (view, at, value) => {
    switch (value.Opcode) {
      case 1:
        return write_CMD_PREFETCH_CONFIG(view, at, value);
      case 2:
        return write_CMD_PREFETCH_ADDR(view, at, value);
      case 3:
        return write_CMD_CFGI_STE(view, at, value);
      case 4:
        return write_CMD_CFGI_STE_RANGE(view, at, value);
      case 5:
        return write_CMD_CFGI_CD(view, at, value);
      case 6:
        return write_CMD_CFGI_CD_ALL(view, at, value);
      case 7:
        return write_CMD_CFGI_VMS_PIDM(view, at, value);
      case 16:
        return write_CMD_TLBI_NH_ALL(view, at, value);
      case 17:
        return write_CMD_TLBI_NH_ASID(view, at, value);
      case 18:
        return write_CMD_TLBI_NH_VA(view, at, value);
      case 19:
        return write_CMD_TLBI_NH_VAA(view, at, value);
      case 24:
        return write_CMD_TLBI_EL3_ALL(view, at, value);
      case 26:
        return write_CMD_TLBI_EL3_VA(view, at, value);
      case 32:
        return write_CMD_TLBI_EL2_ALL(view, at, value);
      case 33:
        return write_CMD_TLBI_EL2_ASID(view, at, value);
      case 34:
        return write_CMD_TLBI_EL2_VA(view, at, value);
      case 35:
        return write_CMD_TLBI_EL2_VAA(view, at, value);
      case 40:
        return write_CMD_TLBI_S12_VMALL(view, at, value);
      case 42:
        return write_CMD_TLBI_S2_IPA(view, at, value);
      case 48:
        return write_CMD_TLBI_NSNH_ALL(view, at, value);
      case 64:
        return write_CMD_ATC_INV(view, at, value);
      case 65:
        return write_CMD_PRI_RESP(view, at, value);
      case 68:
        return write_CMD_RESUME(view, at, value);
      case 69:
        return write_CMD_STALL_TERM(view, at, value);
      case 70:
        return write_CMD_SYNC(view, at, value);
      case 80:
        return write_CMD_TLBI_S_EL2_ALL(view, at, value);
      case 81:
        return write_CMD_TLBI_S_EL2_ASID(view, at, value);
      case 82:
        return write_CMD_TLBI_S_EL2_VA(view, at, value);
      case 83:
        return write_CMD_TLBI_S_EL2_VAA(view, at, value);
      case 88:
        return write_CMD_TLBI_S_S12_VMALL(view, at, value);
      case 90:
        return write_CMD_TLBI_S_S2_IPA(view, at, value);
      case 96:
        return write_CMD_TLBI_SNH_ALL(view, at, value);
      case 112:
        return write_CMD_DPTI_ALL(view, at, value);
      case 115:
        return write_CMD_DPTI_PA(view, at, value);
      default:
        return false;
    }
  },
);

function read_F_UUT(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 1 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x1) & 0x7ff) | (w2 & 0xffff0000) | (w3 & 0xfffffff1) | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 1,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
  };
}

function write_F_UUT(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 1 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, PnU, InD, RnW, InputAddr } = value;
  if (EventNumber !== 1) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!hasOnly(value, 9)) return false;
  view.setUint32(at, 0x1 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason, true);
  view.setUint32(at + 12, (PnU << 1) | (InD << 2) | (RnW << 3), true);
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_C_BAD_STREAMID(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 2 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x2) & 0x7ff) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 2,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
  };
}

function write_C_BAD_STREAMID(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 2 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID } = value;
  if (EventNumber !== 2) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (!hasOnly(value, 4)) return false;
  view.setUint32(at, 0x2 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_F_STE_FETCH(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 3 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x3) & 0x7ff) | (w2 & 0xfffe0000) | w3 | w4 | w5 | (w6 & 0x7) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 3,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    GPCF: (w2 >>> 16) & 0x1,
    FetchAddr: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_STE_FETCH(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 3 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, GPCF, FetchAddr } = value;
  if (EventNumber !== 3) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof GPCF !== 'number' || (GPCF & 0x1) !== GPCF) return false;
  if (!isWithin(FetchAddr, 0xfffffff8, 0xffffff)) return false;
  const FetchAddr_lo = lowHalf(),
    FetchAddr_hi = highHalf();
  if (!hasOnly(value, 7)) return false;
  view.setUint32(at, 0x3 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason | (GPCF << 16), true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, FetchAddr_lo, true);
  view.setUint32(at + 28, FetchAddr_hi, true);
  return true;
}

function read_C_BAD_STE(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 4 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x4) & 0x7ff) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 4,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
  };
}

function write_C_BAD_STE(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 4 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID } = value;
  if (EventNumber !== 4) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (!hasOnly(value, 4)) return false;
  view.setUint32(at, 0x4 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_F_BAD_ATS_TREQ(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 5 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x5) & 0x7ff) | (w2 & 0xffffff0) | w3 | (w4 & 0xfff) | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 5,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Span: w2 & 0xf,
    P: (w2 >>> 28) & 0x1,
    X: (w2 >>> 29) & 0x1,
    W: (w2 >>> 30) & 0x1,
    R: w2 >>> 31,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
  };
}

function write_F_BAD_ATS_TREQ(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 5 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Span, P, X, W, R, InputAddr } = value;
  if (EventNumber !== 5) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Span !== 'number' || (Span & 0xf) !== Span) return false;
  if (typeof P !== 'number' || (P & 0x1) !== P) return false;
  if (typeof X !== 'number' || (X & 0x1) !== X) return false;
  if (typeof W !== 'number' || (W & 0x1) !== W) return false;
  if (typeof R !== 'number' || (R & 0x1) !== R) return false;
  if (!isWithin(InputAddr, 0xfffff000, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!hasOnly(value, 10)) return false;
  view.setUint32(at, 0x5 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Span | (P << 28) | (X << 29) | (W << 30) | (R << 31), true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_F_STREAM_DISABLED(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 6 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if (((w0 ^ 0x6) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 6,
    StreamID: w1,
  };
}

function write_F_STREAM_DISABLED(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 6 }>,
): boolean {
  const { EventNumber, StreamID } = value;
  if (EventNumber !== 6) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (!hasOnly(value, 2)) return false;
  view.setUint32(at, 0x6, true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_F_TRANSL_FORBIDDEN(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 7 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if (((w0 ^ 0x7) | w2 | (w3 & 0xfffffff7) | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 7,
    StreamID: w1,
    RnW: (w3 >>> 3) & 0x1,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
  };
}

function write_F_TRANSL_FORBIDDEN(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 7 }>,
): boolean {
  const { EventNumber, StreamID, RnW, InputAddr } = value;
  if (EventNumber !== 7) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!hasOnly(value, 4)) return false;
  view.setUint32(at, 0x7, true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, RnW << 3, true);
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_C_BAD_SUBSTREAMID(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 8 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x8) & 0xfff) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 8,
    StreamID: w1,
    SubstreamID: w0 >>> 12,
  };
}

function write_C_BAD_SUBSTREAMID(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 8 }>,
): boolean {
  const { EventNumber, StreamID, SubstreamID } = value;
  if (EventNumber !== 8) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (!hasOnly(value, 3)) return false;
  view.setUint32(at, 0x8 | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_F_CD_FETCH(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 9 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x9) & 0x7ff) | (w2 & 0xfffe0000) | w3 | w4 | w5 | (w6 & 0x7) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 9,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    GPCF: (w2 >>> 16) & 0x1,
    FetchAddr: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_CD_FETCH(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 9 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, GPCF, FetchAddr } = value;
  if (EventNumber !== 9) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof GPCF !== 'number' || (GPCF & 0x1) !== GPCF) return false;
  if (!isWithin(FetchAddr, 0xfffffff8, 0xffffff)) return false;
  const FetchAddr_lo = lowHalf(),
    FetchAddr_hi = highHalf();
  if (!hasOnly(value, 7)) return false;
  view.setUint32(at, 0x9 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason | (GPCF << 16), true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, FetchAddr_lo, true);
  view.setUint32(at + 28, FetchAddr_hi, true);
  return true;
}

function read_C_BAD_CD(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 10 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0xa) & 0x7ff) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 10,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
  };
}

function write_C_BAD_CD(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 10 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID } = value;
  if (EventNumber !== 10) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (!hasOnly(value, 4)) return false;
  view.setUint32(at, 0xa | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_F_WALK_EABT(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 11 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0xb) & 0x7ff) | (w2 & 0xfffe0000) | (w3 & 0xfffffc31) | (w6 & 0x7) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 11,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    GPCF: (w2 >>> 16) & 0x1,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    FetchAddr: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_WALK_EABT(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 11 }>,
): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    Reason,
    GPCF,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    InputAddr,
    FetchAddr,
  } = value;
  if (EventNumber !== 11) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof GPCF !== 'number' || (GPCF & 0x1) !== GPCF) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(FetchAddr, 0xfffffff8, 0xffffff)) return false;
  const FetchAddr_lo = lowHalf(),
    FetchAddr_hi = highHalf();
  if (!hasOnly(value, 14)) return false;
  view.setUint32(at, 0xb | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason | (GPCF << 16), true);
  view.setUint32(
    at + 12,
    (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7) | (CLASS << 8),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, FetchAddr_lo, true);
  view.setUint32(at + 28, FetchAddr_hi, true);
  return true;
}

function read_F_TRANSLATION(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 16 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x10) & 0x7ff) | (w2 & 0x7fff0000) | (w3 & 0xfc31) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 16,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    STAG: w2 & 0xffff,
    Stall: w2 >>> 31,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    IMPL_DEF: w3 >>> 16,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_TRANSLATION(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 16 }>,
): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    STAG,
    Stall,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    IMPL_DEF,
    InputAddr,
    IPA,
  } = value;
  if (EventNumber !== 16) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (typeof Stall !== 'number' || (Stall & 0x1) !== Stall) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (typeof IMPL_DEF !== 'number' || (IMPL_DEF & 0xffff) !== IMPL_DEF) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (!hasOnly(value, 15)) return false;
  view.setUint32(at, 0x10 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG | (Stall << 31), true);
  view.setUint32(
    at + 12,
    (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7) | (CLASS << 8) | (IMPL_DEF << 16),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

function read_F_ADDR_SIZE(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 17 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x11) & 0x7ff) | (w2 & 0x7fff0000) | (w3 & 0xfc31) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 17,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    STAG: w2 & 0xffff,
    Stall: w2 >>> 31,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    IMPL_DEF: w3 >>> 16,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_ADDR_SIZE(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 17 }>,
): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    STAG,
    Stall,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    IMPL_DEF,
    InputAddr,
    IPA,
  } = value;
  if (EventNumber !== 17) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (typeof Stall !== 'number' || (Stall & 0x1) !== Stall) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (typeof IMPL_DEF !== 'number' || (IMPL_DEF & 0xffff) !== IMPL_DEF) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (!hasOnly(value, 15)) return false;
  view.setUint32(at, 0x11 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG | (Stall << 31), true);
  view.setUint32(
    at + 12,
    (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7) | (CLASS << 8) | (IMPL_DEF << 16),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

function read_F_ACCESS(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 18 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x12) & 0x7ff) | (w2 & 0x7fff0000) | (w3 & 0xfc31) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 18,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    STAG: w2 & 0xffff,
    Stall: w2 >>> 31,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    IMPL_DEF: w3 >>> 16,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_ACCESS(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 18 }>,
): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    STAG,
    Stall,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    IMPL_DEF,
    InputAddr,
    IPA,
  } = value;
  if (EventNumber !== 18) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (typeof Stall !== 'number' || (Stall & 0x1) !== Stall) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (typeof IMPL_DEF !== 'number' || (IMPL_DEF & 0xffff) !== IMPL_DEF) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (!hasOnly(value, 15)) return false;
  view.setUint32(at, 0x12 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG | (Stall << 31), true);
  view.setUint32(
    at + 12,
    (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7) | (CLASS << 8) | (IMPL_DEF << 16),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

function read_F_PERMISSION(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 19 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x13) & 0x7ff) | (w2 & 0x7fff0000) | (w3 & 0xc031) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 19,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    STAG: w2 & 0xffff,
    Stall: w2 >>> 31,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    IMPL_DEF: w3 >>> 16,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
    DirtyBit: (w3 >>> 10) & 0x1,
    AssuredOnly: (w3 >>> 11) & 0x1,
    TTRnW: (w3 >>> 12) & 0x1,
    Overlay: (w3 >>> 13) & 0x1,
  };
}

function write_F_PERMISSION(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 19 }>,
): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    STAG,
    Stall,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    IMPL_DEF,
    InputAddr,
    IPA,
    DirtyBit,
    AssuredOnly,
    TTRnW,
    Overlay,
  } = value;
  if (EventNumber !== 19) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (typeof Stall !== 'number' || (Stall & 0x1) !== Stall) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (typeof IMPL_DEF !== 'number' || (IMPL_DEF & 0xffff) !== IMPL_DEF) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (typeof DirtyBit !== 'number' || (DirtyBit & 0x1) !== DirtyBit) return false;
  if (typeof AssuredOnly !== 'number' || (AssuredOnly & 0x1) !== AssuredOnly) return false;
  if (typeof TTRnW !== 'number' || (TTRnW & 0x1) !== TTRnW) return false;
  if (typeof Overlay !== 'number' || (Overlay & 0x1) !== Overlay) return false;
  if (!hasOnly(value, 19)) return false;
  view.setUint32(at, 0x13 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG | (Stall << 31), true);
  view.setUint32(
    at + 12,
    (PnU << 1) |
      (InD << 2) |
      (RnW << 3) |
      (NSIPA << 6) |
      (S2 << 7) |
      (CLASS << 8) |
      (IMPL_DEF << 16) |
      (DirtyBit << 10) |
      (AssuredOnly << 11) |
      (TTRnW << 12) |
      (Overlay << 13),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

function read_F_TLB_CONFLICT(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 32 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x20) & 0x7ff) | (w3 & 0xffffff31) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0) return undefined;
  return {
    EventNumber: 32,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_TLB_CONFLICT(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 32 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, PnU, InD, RnW, NSIPA, S2, InputAddr, IPA } = value;
  if (EventNumber !== 32) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || Reason >>> 0 !== Reason) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (!hasOnly(value, 12)) return false;
  view.setUint32(at, 0x20 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason, true);
  view.setUint32(at + 12, (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7), true);
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

function read_F_CFG_CONFLICT(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 33 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x21) & 0x7ff) | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 33,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2,
  };
}

function write_F_CFG_CONFLICT(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 33 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason } = value;
  if (EventNumber !== 33) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || Reason >>> 0 !== Reason) return false;
  if (!hasOnly(value, 5)) return false;
  view.setUint32(at, 0x21 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_E_PAGE_REQUEST(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 36 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x24) & 0x7ff) | w2 | (w3 & 0xfff00f11) | (w4 & 0xfff) | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 36,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    uX: (w3 >>> 1) & 0x1,
    uW: (w3 >>> 2) & 0x1,
    uR: (w3 >>> 3) & 0x1,
    pX: (w3 >>> 5) & 0x1,
    pW: (w3 >>> 6) & 0x1,
    pR: (w3 >>> 7) & 0x1,
    Span: (w3 >>> 12) & 0xff,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
  };
}

function write_E_PAGE_REQUEST(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 36 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, uX, uW, uR, pX, pW, pR, Span, InputAddr } = value;
  if (EventNumber !== 36) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof uX !== 'number' || (uX & 0x1) !== uX) return false;
  if (typeof uW !== 'number' || (uW & 0x1) !== uW) return false;
  if (typeof uR !== 'number' || (uR & 0x1) !== uR) return false;
  if (typeof pX !== 'number' || (pX & 0x1) !== pX) return false;
  if (typeof pW !== 'number' || (pW & 0x1) !== pW) return false;
  if (typeof pR !== 'number' || (pR & 0x1) !== pR) return false;
  if (typeof Span !== 'number' || (Span & 0xff) !== Span) return false;
  if (!isWithin(InputAddr, 0xfffff000, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!hasOnly(value, 12)) return false;
  view.setUint32(at, 0x24 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(
    at + 12,
    (uX << 1) | (uW << 2) | (uR << 3) | (pX << 5) | (pW << 6) | (pR << 7) | (Span << 12),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

function read_F_VMS_FETCH(
  view: DataView,
  at: number,
): DecodedForm<typeof smmuv3_event, { EventNumber: 37 }> | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x25) & 0x7ff) | (w2 & 0xfffe0000) | w3 | w4 | w5 | (w6 & 0x7) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 37,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    GPCF: (w2 >>> 16) & 0x1,
    FetchAddr: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_VMS_FETCH(
  view: DataView,
  at: number,
  value: EncodableForm<typeof smmuv3_event, { EventNumber: 37 }>,
): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, GPCF, FetchAddr } = value;
  if (EventNumber !== 37) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof GPCF !== 'number' || (GPCF & 0x1) !== GPCF) return false;
  if (!isWithin(FetchAddr, 0xfffffff8, 0xffffff)) return false;
  const FetchAddr_lo = lowHalf(),
    FetchAddr_hi = highHalf();
  if (!hasOnly(value, 7)) return false;
  view.setUint32(at, 0x25 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason | (GPCF << 16), true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, FetchAddr_lo, true);
  view.setUint32(at + 28, FetchAddr_hi, true);
  return true;
}

compiled(
  smmuv3_event,
  (view, at) => {
    switch (view.getUint8(at)) {
      case 1:
        return read_F_UUT(view, at);
      case 2:
        return read_C_BAD_STREAMID(view, at);
      case 3:
        return read_F_STE_FETCH(view, at);
      case 4:
        return read_C_BAD_STE(view, at);
      case 5:
        return read_F_BAD_ATS_TREQ(view, at);
      case 6:
        return read_F_STREAM_DISABLED(view, at);
      case 7:
        return read_F_TRANSL_FORBIDDEN(view, at);
      case 8:
        return read_C_BAD_SUBSTREAMID(view, at);
      case 9:
        return read_F_CD_FETCH(view, at);
      case 10:
        return read_C_BAD_CD(view, at);
      case 11:
        return read_F_WALK_EABT(view, at);
      case 16:
        return read_F_TRANSLATION(view, at);
      case 17:
        return read_F_ADDR_SIZE(view, at);
      case 18:
        return read_F_ACCESS(view, at);
      case 19:
        return read_F_PERMISSION(view, at);
      case 32:
        return read_F_TLB_CONFLICT(view, at);
      case 33:
        return read_F_CFG_CONFLICT(view, at);
      case 36:
        return read_E_PAGE_REQUEST(view, at);
      case 37:
        return read_F_VMS_FETCH(view, at);
      default:
        return undefined;
    }
  },
  (view, at, value) => {
    switch (value.EventNumber) {
      case 1:
        return write_F_UUT(view, at, value);
      case 2:
        return write_C_BAD_STREAMID(view, at, value);
      case 3:
        return write_F_STE_FETCH(view, at, value);
      case 4:
        return write_C_BAD_STE(view, at, value);
      case 5:
        return write_F_BAD_ATS_TREQ(view, at, value);
      case 6:
        return write_F_STREAM_DISABLED(view, at, value);
      case 7:
        return write_F_TRANSL_FORBIDDEN(view, at, value);
      case 8:
        return write_C_BAD_SUBSTREAMID(view, at, value);
      case 9:
        return write_F_CD_FETCH(view, at, value);
      case 10:
        return write_C_BAD_CD(view, at, value);
      case 11:
        return write_F_WALK_EABT(view, at, value);
      case 16:
        return write_F_TRANSLATION(view, at, value);
      case 17:
        return write_F_ADDR_SIZE(view, at, value);
      case 18:
        return write_F_ACCESS(view, at, value);
      case 19:
        return write_F_PERMISSION(view, at, value);
      case 32:
        return write_F_TLB_CONFLICT(view, at, value);
      case 33:
        return write_F_CFG_CONFLICT(view, at, value);
      case 36:
        return write_E_PAGE_REQUEST(view, at, value);
      case 37:
        return write_F_VMS_FETCH(view, at, value);
      default:
        return false;
    }
  },
);

compiled(
  smmuv3_l1cd,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    if (((w0 & 0xffe) | (w1 & 0xff000000)) !== 0) return undefined;
    return {
      V: w0 & 0x1,
      L2Ptr: wide(w0 & 0xfffff000, w1 & 0xffffff),
    };
  },
  (view, at, value) => {
    const { V, L2Ptr } = value;
    if (typeof V !== 'number' || (V & 0x1) !== V) return false;
    if (!isWithin(L2Ptr, 0xfffff000, 0xffffff)) return false;
    const L2Ptr_lo = lowHalf(),
      L2Ptr_hi = highHalf();
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, V | L2Ptr_lo, true);
    view.setUint32(at + 4, L2Ptr_hi, true);
    return true;
  },
);

compiled(
  smmuv3_l1std,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    if (((w0 & 0x20) | (w1 & 0xff000000)) !== 0) return undefined;
    return {
      Span: w0 & 0x1f,
      L2Ptr: wide(w0 & 0xffffffc0, w1 & 0xffffff),
    };
  },
  (view, at, value) => {
    const { Span, L2Ptr } = value;
    if (typeof Span !== 'number' || (Span & 0x1f) !== Span) return false;
    if (!isWithin(L2Ptr, 0xffffffc0, 0xffffff)) return false;
    const L2Ptr_lo = lowHalf(),
      L2Ptr_hi = highHalf();
    if (!hasOnly(value, 2)) return false;
    view.setUint32(at, Span | L2Ptr_lo, true);
    view.setUint32(at + 4, L2Ptr_hi, true);
    return true;
  },
);

compiled(
  smmuv3_pri,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    const w2 = view.getUint32(at + 8, true);
    const w3 = view.getUint32(at + 12, true);
    if (((w1 & 0x3f00000) | (w2 & 0xe00)) !== 0) return undefined;
    return {
      StreamID: w0,
      SubstreamID: w1 & 0xfffff,
      Priv: (w1 >>> 26) & 0x1,
      X: (w1 >>> 27) & 0x1,
      R: (w1 >>> 28) & 0x1,
      W: (w1 >>> 29) & 0x1,
      Last: (w1 >>> 30) & 0x1,
      SSV: w1 >>> 31,
      PRGIndex: w2 & 0x1ff,
      PageAddress: wide(w2 & 0xfffff000, w3),
    };
  },
  (view, at, value) => {
    const { StreamID, SubstreamID, Priv, X, R, W, Last, SSV, PRGIndex, PageAddress } = value;
    if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
    if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
    if (typeof Priv !== 'number' || (Priv & 0x1) !== Priv) return false;
    if (typeof X !== 'number' || (X & 0x1) !== X) return false;
    if (typeof R !== 'number' || (R & 0x1) !== R) return false;
    if (typeof W !== 'number' || (W & 0x1) !== W) return false;
    if (typeof Last !== 'number' || (Last & 0x1) !== Last) return false;
    if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
    if (typeof PRGIndex !== 'number' || (PRGIndex & 0x1ff) !== PRGIndex) return false;
    if (!isWithin(PageAddress, 0xfffff000, 0xffffffff)) return false;
    const PageAddress_lo = lowHalf(),
      PageAddress_hi = highHalf();
    if (!hasOnly(value, 10)) return false;
    view.setUint32(at, StreamID, true);
    view.setUint32(
      at + 4,
      SubstreamID | (Priv << 26) | (X << 27) | (R << 28) | (W << 29) | (Last << 30) | (SSV << 31),
      true,
    );
    view.setUint32(at + 8, PRGIndex | PageAddress_lo, true);
    view.setUint32(at + 12, PageAddress_hi, true);
    return true;
  },
);

compiled(
  smmuv3_ste,
  (view, at) => {
    const w0 = view.getUint32(at, true);
    const w1 = view.getUint32(at + 4, true);
    const w2 = view.getUint32(at + 8, true);
    const w3 = view.getUint32(at + 12, true);
    const w4 = view.getUint32(at + 16, true);
    const w5 = view.getUint32(at + 20, true);
    const w6 = view.getUint32(at + 24, true);
    const w7 = view.getUint32(at + 28, true);
    const w8 = view.getUint32(at + 32, true);
    const w9 = view.getUint32(at + 36, true);
    const w10 = view.getUint32(at + 40, true);
    const w11 = view.getUint32(at + 44, true);
    const w12 = view.getUint32(at + 48, true);
    const w13 = view.getUint32(at + 52, true);
    const w14 = view.getUint32(at + 56, true);
    const w15 = view.getUint32(at + 60, true);
    if (
      ((w1 & 0x7000000) |
        (w3 & 0xe00) |
        (w7 & 0x9f000000) |
        (w9 & 0x3f00) |
        (w11 & 0xff000000) |
        (w12 & 0x8) |
        (w13 & 0x9f000000)) !==
      0
    )
      return undefined;
    return {
      V: w0 & 0x1,
      Config: (w0 >>> 1) & 0x7,
      S1Fmt: (w0 >>> 4) & 0x3,
      S1ContextPtr: wide(w0 & 0xffffffc0, w1 & 0xffffff),
      S1CDMax: w1 >>> 27,
      S1DSS: w2 & 0x3,
      S1CIR: (w2 >>> 2) & 0x3,
      S1COR: (w2 >>> 4) & 0x3,
      S1CSH: (w2 >>> 6) & 0x3,
      S2HWU59: (w2 >>> 8) & 0x1,
      S2HWU60: (w2 >>> 9) & 0x1,
      S2HWU61: (w2 >>> 10) & 0x1,
      S2HWU62: (w2 >>> 11) & 0x1,
      DRE: (w2 >>> 12) & 0x1,
      CONT: (w2 >>> 13) & 0xf,
      DCP: (w2 >>> 17) & 0x1,
      PPAR: (w2 >>> 18) & 0x1,
      MEV: (w2 >>> 19) & 0x1,
      SW_RESERVED: (w2 >>> 20) & 0xf,
      S1PIE: (w2 >>> 24) & 0x1,
      S2FWB: (w2 >>> 25) & 0x1,
      S1MPAM: (w2 >>> 26) & 0x1,
      S1STALLD: (w2 >>> 27) & 0x1,
      EATS: (w2 >>> 28) & 0x3,
      STRW: w2 >>> 30,
      MemAttr: w3 & 0xf,
      MTCFG: (w3 >>> 4) & 0x1,
      ALLOCCFG: (w3 >>> 5) & 0xf,
      SHCFG: (w3 >>> 12) & 0x3,
      NSCFG: (w3 >>> 14) & 0x3,
      PRIVCFG: (w3 >>> 16) & 0x3,
      INSTCFG: (w3 >>> 18) & 0x3,
      IMPLEMENTATION_DEFINED_127_116: w3 >>> 20,
      S2VMID: w4 & 0xffff,
      IMPLEMENTATION_DEFINED_159_144: w4 >>> 16,
      S2T0SZ: w5 & 0x3f,
      S2SL0: (w5 >>> 6) & 0x3,
      S2IR0: (w5 >>> 8) & 0x3,
      S2OR0: (w5 >>> 10) & 0x3,
      S2SH0: (w5 >>> 12) & 0x3,
      S2TG: (w5 >>> 14) & 0x3,
      S2PS: (w5 >>> 16) & 0x7,
      S2AA64: (w5 >>> 19) & 0x1,
      S2ENDI: (w5 >>> 20) & 0x1,
      S2AFFD: (w5 >>> 21) & 0x1,
      S2PTW: (w5 >>> 22) & 0x1,
      S2HD: (w5 >>> 23) & 0x1,
      S2HA: (w5 >>> 24) & 0x1,
      S2S: (w5 >>> 25) & 0x1,
      S2R: (w5 >>> 26) & 0x1,
      S2HAFT: (w5 >>> 27) & 0x1,
      S2PIE: (w5 >>> 28) & 0x1,
      S2POE: (w5 >>> 29) & 0x1,
      DPT_VMATCH: w5 >>> 30,
      S2NSW: w6 & 0x1,
      S2NSA: (w6 >>> 1) & 0x1,
      S2SL0_2: (w6 >>> 2) & 0x1,
      S2DS: (w6 >>> 3) & 0x1,
      S2TTB: wide(w6 & 0xfffffff0, w7 & 0xffffff),
      S2SKL: (w7 >>> 29) & 0x3,
      IMPLEMENTATION_DEFINED_271_256: w8 & 0xffff,
      PARTID: w8 >>> 16,
      S_S2T0SZ: w9 & 0x3f,
      S_S2SL0: (w9 >>> 6) & 0x3,
      S_S2TG: (w9 >>> 14) & 0x3,
      MECID: w9 >>> 16,
      PMG: w10 & 0xff,
      MPAM_NS: (w10 >>> 8) & 0x1,
      AssuredOnly: (w10 >>> 9) & 0x1,
      TL0: (w10 >>> 10) & 0x1,
      TL1: (w10 >>> 11) & 0x1,
      VMSPtr: wide(w10 & 0xfffff000, w11 & 0xffffff),
      S2SW: w12 & 0x1,
      S2SA: (w12 >>> 1) & 0x1,
      S_S2SL0_2: (w12 >>> 2) & 0x1,
      S_S2TTB: wide(w12 & 0xfffffff0, w13 & 0xffffff),
      S_S2SKL: (w13 >>> 29) & 0x3,
      S2POI0: w14 & 0xf,
      S2POI1: (w14 >>> 4) & 0xf,
      S2POI2: (w14 >>> 8) & 0xf,
      S2POI3: (w14 >>> 12) & 0xf,
      S2POI4: (w14 >>> 16) & 0xf,
      S2POI5: (w14 >>> 20) & 0xf,
      S2POI6: (w14 >>> 24) & 0xf,
      S2POI7: w14 >>> 28,
      S2POI8: w15 & 0xf,
      S2POI9: (w15 >>> 4) & 0xf,
      S2POI10: (w15 >>> 8) & 0xf,
      S2POI11: (w15 >>> 12) & 0xf,
      S2POI12: (w15 >>> 16) & 0xf,
      S2POI13: (w15 >>> 20) & 0xf,
      S2POI14: (w15 >>> 24) & 0xf,
      S2POI15: w15 >>> 28,
    };
  },
  (view, at, value) => {
    const {
      V,
      Config,
      S1Fmt,
      S1ContextPtr,
      S1CDMax,
      S1DSS,
      S1CIR,
      S1COR,
      S1CSH,
      S2HWU59,
      S2HWU60,
      S2HWU61,
      S2HWU62,
      DRE,
      CONT,
      DCP,
      PPAR,
      MEV,
      SW_RESERVED,
      S1PIE,
      S2FWB,
      S1MPAM,
      S1STALLD,
      EATS,
      STRW,
      MemAttr,
      MTCFG,
      ALLOCCFG,
      SHCFG,
      NSCFG,
      PRIVCFG,
      INSTCFG,
      IMPLEMENTATION_DEFINED_127_116,
      S2VMID,
      IMPLEMENTATION_DEFINED_159_144,
      S2T0SZ,
      S2SL0,
      S2IR0,
      S2OR0,
      S2SH0,
      S2TG,
      S2PS,
      S2AA64,
      S2ENDI,
      S2AFFD,
      S2PTW,
      S2HD,
      S2HA,
      S2S,
      S2R,
      S2HAFT,
      S2PIE,
      S2POE,
      DPT_VMATCH,
      S2NSW,
      S2NSA,
      S2SL0_2,
      S2DS,
      S2TTB,
      S2SKL,
      IMPLEMENTATION_DEFINED_271_256,
      PARTID,
      S_S2T0SZ,
      S_S2SL0,
      S_S2TG,
      MECID,
      PMG,
      MPAM_NS,
      AssuredOnly,
      TL0,
      TL1,
      VMSPtr,
      S2SW,
      S2SA,
      S_S2SL0_2,
      S_S2TTB,
      S_S2SKL,
      S2POI0,
      S2POI1,
      S2POI2,
      S2POI3,
      S2POI4,
      S2POI5,
      S2POI6,
      S2POI7,
      S2POI8,
      S2POI9,
      S2POI10,
      S2POI11,
      S2POI12,
      S2POI13,
      S2POI14,
      S2POI15,
    } = value;
    if (typeof V !== 'number' || (V & 0x1) !== V) return false;
    if (typeof Config !== 'number' || (Config & 0x7) !== Config) return false;
    if (typeof S1Fmt !== 'number' || (S1Fmt & 0x3) !== S1Fmt) return false;
    if (!isWithin(S1ContextPtr, 0xffffffc0, 0xffffff)) return false;
    const S1ContextPtr_lo = lowHalf(),
      S1ContextPtr_hi = highHalf();
    if (typeof S1CDMax !== 'number' || (S1CDMax & 0x1f) !== S1CDMax) return false;
    if (typeof S1DSS !== 'number' || (S1DSS & 0x3) !== S1DSS) return false;
    if (typeof S1CIR !== 'number' || (S1CIR & 0x3) !== S1CIR) return false;
    if (typeof S1COR !== 'number' || (S1COR & 0x3) !== S1COR) return false;
    if (typeof S1CSH !== 'number' || (S1CSH & 0x3) !== S1CSH) return false;
    if (typeof S2HWU59 !== 'number' || (S2HWU59 & 0x1) !== S2HWU59) return false;
    if (typeof S2HWU60 !== 'number' || (S2HWU60 & 0x1) !== S2HWU60) return false;
    if (typeof S2HWU61 !== 'number' || (S2HWU61 & 0x1) !== S2HWU61) return false;
    if (typeof S2HWU62 !== 'number' || (S2HWU62 & 0x1) !== S2HWU62) return false;
    if (typeof DRE !== 'number' || (DRE & 0x1) !== DRE) return false;
    if (typeof CONT !== 'number' || (CONT & 0xf) !== CONT) return false;
    if (typeof DCP !== 'number' || (DCP & 0x1) !== DCP) return false;
    if (typeof PPAR !== 'number' || (PPAR & 0x1) !== PPAR) return false;
    if (typeof MEV !== 'number' || (MEV & 0x1) !== MEV) return false;
    if (typeof SW_RESERVED !== 'number' || (SW_RESERVED & 0xf) !== SW_RESERVED) return false;
    if (typeof S1PIE !== 'number' || (S1PIE & 0x1) !== S1PIE) return false;
    if (typeof S2FWB !== 'number' || (S2FWB & 0x1) !== S2FWB) return false;
    if (typeof S1MPAM !== 'number' || (S1MPAM & 0x1) !== S1MPAM) return false;
    if (typeof S1STALLD !== 'number' || (S1STALLD & 0x1) !== S1STALLD) return false;
    if (typeof EATS !== 'number' || (EATS & 0x3) !== EATS) return false;
    if (typeof STRW !== 'number' || (STRW & 0x3) !== STRW) return false;
    if (typeof MemAttr !== 'number' || (MemAttr & 0xf) !== MemAttr) return false;
    if (typeof MTCFG !== 'number' || (MTCFG & 0x1) !== MTCFG) return false;
    if (typeof ALLOCCFG !== 'number' || (ALLOCCFG & 0xf) !== ALLOCCFG) return false;
    if (typeof SHCFG !== 'number' || (SHCFG & 0x3) !== SHCFG) return false;
    if (typeof NSCFG !== 'number' || (NSCFG & 0x3) !== NSCFG) return false;
    if (typeof PRIVCFG !== 'number' || (PRIVCFG & 0x3) !== PRIVCFG) return false;
    if (typeof INSTCFG !== 'number' || (INSTCFG & 0x3) !== INSTCFG) return false;
    if (
      typeof IMPLEMENTATION_DEFINED_127_116 !== 'number' ||
      (IMPLEMENTATION_DEFINED_127_116 & 0xfff) !== IMPLEMENTATION_DEFINED_127_116
    )
      return false;
    if (typeof S2VMID !== 'number' || (S2VMID & 0xffff) !== S2VMID) return false;
    if (
      typeof IMPLEMENTATION_DEFINED_159_144 !== 'number' ||
      (IMPLEMENTATION_DEFINED_159_144 & 0xffff) !== IMPLEMENTATION_DEFINED_159_144
    )
      return false;
    if (typeof S2T0SZ !== 'number' || (S2T0SZ & 0x3f) !== S2T0SZ) return false;
    if (typeof S2SL0 !== 'number' || (S2SL0 & 0x3) !== S2SL0) return false;
    if (typeof S2IR0 !== 'number' || (S2IR0 & 0x3) !== S2IR0) return false;
    if (typeof S2OR0 !== 'number' || (S2OR0 & 0x3) !== S2OR0) return false;
    if (typeof S2SH0 !== 'number' || (S2SH0 & 0x3) !== S2SH0) return false;
    if (typeof S2TG !== 'number' || (S2TG & 0x3) !== S2TG) return false;
    if (typeof S2PS !== 'number' || (S2PS & 0x7) !== S2PS) return false;
    if (typeof S2AA64 !== 'number' || (S2AA64 & 0x1) !== S2AA64) return false;
    if (typeof S2ENDI !== 'number' || (S2ENDI & 0x1) !== S2ENDI) return false;
    if (typeof S2AFFD !== 'number' || (S2AFFD & 0x1) !== S2AFFD) return false;
    if (typeof S2PTW !== 'number' || (S2PTW & 0x1) !== S2PTW) return false;
    if (typeof S2HD !== 'number' || (S2HD & 0x1) !== S2HD) return false;
    if (typeof S2HA !== 'number' || (S2HA & 0x1) !== S2HA) return false;
    if (typeof S2S !== 'number' || (S2S & 0x1) !== S2S) return false;
    if (typeof S2R !== 'number' || (S2R & 0x1) !== S2R) return false;
    if (typeof S2HAFT !== 'number' || (S2HAFT & 0x1) !== S2HAFT) return false;
    if (typeof S2PIE !== 'number' || (S2PIE & 0x1) !== S2PIE) return false;
    if (typeof S2POE !== 'number' || (S2POE & 0x1) !== S2POE) return false;
    if (typeof DPT_VMATCH !== 'number' || (DPT_VMATCH & 0x3) !== DPT_VMATCH) return false;
    if (typeof S2NSW !== 'number' || (S2NSW & 0x1) !== S2NSW) return false;
    if (typeof S2NSA !== 'number' || (S2NSA & 0x1) !== S2NSA) return false;
    if (typeof S2SL0_2 !== 'number' || (S2SL0_2 & 0x1) !== S2SL0_2) return false;
    if (typeof S2DS !== 'number' || (S2DS & 0x1) !== S2DS) return false;
    if (!isWithin(S2TTB, 0xfffffff0, 0xffffff)) return false;
    const S2TTB_lo = lowHalf(),
      S2TTB_hi = highHalf();
    if (typeof S2SKL !== 'number' || (S2SKL & 0x3) !== S2SKL) return false;
    if (
      typeof IMPLEMENTATION_DEFINED_271_256 !== 'number' ||
      (IMPLEMENTATION_DEFINED_271_256 & 0xffff) !== IMPLEMENTATION_DEFINED_271_256
    )
      return false;
    if (typeof PARTID !== 'number' || (PARTID & 0xffff) !== PARTID) return false;
    if (typeof S_S2T0SZ !== 'number' || (S_S2T0SZ & 0x3f) !== S_S2T0SZ) return false;
    if (typeof S_S2SL0 !== 'number' || (S_S2SL0 & 0x3) !== S_S2SL0) return false;
    if (typeof S_S2TG !== 'number' || (S_S2TG & 0x3) !== S_S2TG) return false;
    if (typeof MECID !== 'number' || (MECID & 0xffff) !== MECID) return false;
    if (typeof PMG !== 'number' || (PMG & 0xff) !== PMG) return false;
    if (typeof MPAM_NS !== 'number' || (MPAM_NS & 0x1) !== MPAM_NS) return false;
    if (typeof AssuredOnly !== 'number' || (AssuredOnly & 0x1) !== AssuredOnly) return false;
    if (typeof TL0 !== 'number' || (TL0 & 0x1) !== TL0) return false;
    if (typeof TL1 !== 'number' || (TL1 & 0x1) !== TL1) return false;
    if (!isWithin(VMSPtr, 0xfffff000, 0xffffff)) return false;
    const VMSPtr_lo = lowHalf(),
      VMSPtr_hi = highHalf();
    if (typeof S2SW !== 'number' || (S2SW & 0x1) !== S2SW) return false;
    if (typeof S2SA !== 'number' || (S2SA & 0x1) !== S2SA) return false;
    if (typeof S_S2SL0_2 !== 'number' || (S_S2SL0_2 & 0x1) !== S_S2SL0_2) return false;
    if (!isWithin(S_S2TTB, 0xfffffff0, 0xffffff)) return false;
    const S_S2TTB_lo = lowHalf(),
      S_S2TTB_hi = highHalf();
    if (typeof S_S2SKL !== 'number' || (S_S2SKL & 0x3) !== S_S2SKL) return false;
    if (typeof S2POI0 !== 'number' || (S2POI0 & 0xf) !== S2POI0) return false;
    if (typeof S2POI1 !== 'number' || (S2POI1 & 0xf) !== S2POI1) return false;
    if (typeof S2POI2 !== 'number' || (S2POI2 & 0xf) !== S2POI2) return false;
    if (typeof S2POI3 !== 'number' || (S2POI3 & 0xf) !== S2POI3) return false;
    if (typeof S2POI4 !== 'number' || (S2POI4 & 0xf) !== S2POI4) return false;
    if (typeof S2POI5 !== 'number' || (S2POI5 & 0xf) !== S2POI5) return false;
    if (typeof S2POI6 !== 'number' || (S2POI6 & 0xf) !== S2POI6) return false;
    if (typeof S2POI7 !== 'number' || (S2POI7 & 0xf) !== S2POI7) return false;
    if (typeof S2POI8 !== 'number' || (S2POI8 & 0xf) !== S2POI8) return false;
    if (typeof S2POI9 !== 'number' || (S2POI9 & 0xf) !== S2POI9) return false;
    if (typeof S2POI10 !== 'number' || (S2POI10 & 0xf) !== S2POI10) return false;
    if (typeof S2POI11 !== 'number' || (S2POI11 & 0xf) !== S2POI11) return false;
    if (typeof S2POI12 !== 'number' || (S2POI12 & 0xf) !== S2POI12) return false;
    if (typeof S2POI13 !== 'number' || (S2POI13 & 0xf) !== S2POI13) return false;
    if (typeof S2POI14 !== 'number' || (S2POI14 & 0xf) !== S2POI14) return false;
    if (typeof S2POI15 !== 'number' || (S2POI15 & 0xf) !== S2POI15) return false;
    if (!hasOnly(value, 93)) return false;
    view.setUint32(at, V | (Config << 1) | (S1Fmt << 4) | S1ContextPtr_lo, true);
    view.setUint32(at + 4, S1ContextPtr_hi | (S1CDMax << 27), true);
    view.setUint32(
      at + 8,
      S1DSS |
        (S1CIR << 2) |
        (S1COR << 4) |
        (S1CSH << 6) |
        (S2HWU59 << 8) |
        (S2HWU60 << 9) |
        (S2HWU61 << 10) |
        (S2HWU62 << 11) |
        (DRE << 12) |
        (CONT << 13) |
        (DCP << 17) |
        (PPAR << 18) |
        (MEV << 19) |
        (SW_RESERVED << 20) |
        (S1PIE << 24) |
        (S2FWB << 25) |
        (S1MPAM << 26) |
        (S1STALLD << 27) |
        (EATS << 28) |
        (STRW << 30),
      true,
    );
    view.setUint32(
      at + 12,
      MemAttr |
        (MTCFG << 4) |
        (ALLOCCFG << 5) |
        (SHCFG << 12) |
        (NSCFG << 14) |
        (PRIVCFG << 16) |
        (INSTCFG << 18) |
        (IMPLEMENTATION_DEFINED_127_116 << 20),
      true,
    );
    view.setUint32(at + 16, S2VMID | (IMPLEMENTATION_DEFINED_159_144 << 16), true);
    view.setUint32(
      at + 20,
      S2T0SZ |
        (S2SL0 << 6) |
        (S2IR0 << 8) |
        (S2OR0 << 10) |
        (S2SH0 << 12) |
        (S2TG << 14) |
        (S2PS << 16) |
        (S2AA64 << 19) |
        (S2ENDI << 20) |
        (S2AFFD << 21) |
        (S2PTW << 22) |
        (S2HD << 23) |
        (S2HA << 24) |
        (S2S << 25) |
        (S2R << 26) |
        (S2HAFT << 27) |
        (S2PIE << 28) |
        (S2POE << 29) |
        (DPT_VMATCH << 30),
      true,
    );
    view.setUint32(at + 24, S2NSW | (S2NSA << 1) | (S2SL0_2 << 2) | (S2DS << 3) | S2TTB_lo, true);
    view.setUint32(at + 28, S2TTB_hi | (S2SKL << 29), true);
    view.setUint32(at + 32, IMPLEMENTATION_DEFINED_271_256 | (PARTID << 16), true);
    view.setUint32(at + 36, S_S2T0SZ | (S_S2SL0 << 6) | (S_S2TG << 14) | (MECID << 16), true);
    view.setUint32(
      at + 40,
      PMG | (MPAM_NS << 8) | (AssuredOnly << 9) | (TL0 << 10) | (TL1 << 11) | VMSPtr_lo,
      true,
    );
    view.setUint32(at + 44, VMSPtr_hi, true);
    view.setUint32(at + 48, S2SW | (S2SA << 1) | (S_S2SL0_2 << 2) | S_S2TTB_lo, true);
    view.setUint32(at + 52, S_S2TTB_hi | (S_S2SKL << 29), true);
    view.setUint32(
      at + 56,
      S2POI0 |
        (S2POI1 << 4) |
        (S2POI2 << 8) |
        (S2POI3 << 12) |
        (S2POI4 << 16) |
        (S2POI5 << 20) |
        (S2POI6 << 24) |
        (S2POI7 << 28),
      true,
    );
    view.setUint32(
      at + 60,
      S2POI8 |
        (S2POI9 << 4) |
        (S2POI10 << 8) |
        (S2POI11 << 12) |
        (S2POI12 << 16) |
        (S2POI13 << 20) |
        (S2POI14 << 24) |
        (S2POI15 << 28),
      true,
    );
    return true;
  },
);
