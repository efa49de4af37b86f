import './amd.js';
import './iommufd.js';
import './selftest.js';
import './smmuv3.js';
import './tegra241.js';
import './vfio.js';
import './vtd.js';
//# sourceMappingURL=index.d.ts.map