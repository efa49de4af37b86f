// Written by `pnpm compile` from the declarations: change those, and run it again.
import './amd.js';
import './iommufd.js';
import './selftest.js';
import './smmuv3.js';
import './tegra241.js';
import './vfio.js';
import './vtd.js';
//# sourceMappingURL=index.js.map