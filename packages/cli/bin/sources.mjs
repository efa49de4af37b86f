// Lets Node run TypeScript, in Workers as well: `--import tsx` alone is for the main thread.
import { register } from 'tsx/esm/api';

register();
